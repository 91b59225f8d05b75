# Trains on each damaged file; every one must end with exit code 1.
for file in bad_*.idx bad_*.gz bad_missing.idx; do
  NN_TARGET=idx line_program train --data x=$file
  [ $? = 1 ] || exit 1
done
for file in bad_*.csv; do
  NN_TARGET=csv line_program train --data x=$file --data y=$file
  [ $? = 1 ] || exit 1
done
