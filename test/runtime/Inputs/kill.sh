./large train --epochs 1 -o killed.safetensors > killed.txt 2>&1 || exit 1
for wait in 0.3 0.42 0.55 0.67 0.81; do
  rm -f killed.txt # Of the training before.
  ./large train --resume killed.safetensors --epochs 100000000 \
    > killed.txt 2>&1 &
  pid=$!
  until grep -qs 'going on' killed.txt || ! kill -0 $pid 2> /dev/null; do
    sleep 0.01
  done
  sleep $wait
  kill -9 $pid
  wait $pid 2> /dev/null
  ./large run Look --i '[3]' --weights killed.safetensors > /dev/null || exit 1
done
grep 'going on' killed.txt
