# Interrupts a command whose training would take hours, once it has begun.
"$@" >out.txt 2>&1 &
pid=$!
tries=0
while ! grep -q examples out.txt && [ $tries -lt 100 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
# A shell starts background jobs with SIGINT ignored; the program's own handler
# replaces that.
kill -INT $pid
wait $pid
code=$?
cat out.txt
echo "exit $code"
