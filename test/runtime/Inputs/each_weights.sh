for file in bad_*.safetensors; do
  line_program run Line --x '[[1,1]]' --weights $file
  [ $? = 1 ] || exit 1
done
