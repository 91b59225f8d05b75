# Reads each damaged file; every one must end with exit code 1.
for file in bad_*.npy; do
  ./one train --data x=$file
  [ $? = 1 ] || exit 1
done
for file in bad_*.npz; do
  ./archive train --data x=$file
  [ $? = 1 ] || exit 1
done
for file in bad_*.ppm bad_*.png; do
  ./archive run Line --x $file
  [ $? = 1 ] || exit 1
done
