# Interrupts a training in its midst, goes on, and compares with a run that
# nothing interrupted.
#   sh interrupt_resume.sh SIGNAL PATTERN WHOLE COMMAND ...
# The signal comes once PATTERN stands in the output; WHOLE is the file of the
# run without interruption.
signal=$1
pattern=$2
whole=$3
shift 3
"$@" -o $signal.safetensors > $signal.txt 2>&1 &
pid=$!
tries=0
while ! grep -q "$pattern" $signal.txt && [ $tries -lt 500 ]; do
  sleep 0.01
  tries=$((tries + 1))
done
kill -$signal $pid
wait $pid
echo "exit $?"
grep interrupted $signal.txt
$1 $2 --resume $signal.safetensors -o $signal.whole.safetensors
cmp $signal.whole.safetensors $whole && echo "the same"
