# Interrupts a command whose training would take hours, once it has begun, and
# at once again, as `timeout` does; with AGAIN set, so many seconds later again.
rm -f out.txt # Of a command before.
"$@" >out.txt 2>&1 &
pid=$!
tries=0
while ! grep -qs examples out.txt && [ $tries -lt 100 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
# A shell starts background jobs with SIGINT ignored; the program's own handler
# replaces that.
kill -INT $pid
kill -INT $pid 2>/dev/null
if [ -n "$AGAIN" ]; then
  sleep $AGAIN
  kill -INT $pid
fi
wait $pid
code=$?
cat out.txt
echo "exit $code"
