# Reads each damaged file; every one must end with exit code 1, and what is not
# supported with 2.
for file in bad_*.npy; do
  ./one train --data x=$file
  [ $? = 1 ] || exit 1
done
for file in bad_*.npz; do
  ./archive train --data x=$file
  [ $? = 1 ] || exit 1
done
for file in bad_*.gz bad_*.p?m bad_*.png; do
  ./archive run Line --x $file
  [ $? = 1 ] || exit 1
done
for file in limit_*; do
  case $file in
  *.npz) ./archive train --data x=$file ;;
  *) ./archive run Line --x $file ;;
  esac
  [ $? = 2 ] || exit 1
done
