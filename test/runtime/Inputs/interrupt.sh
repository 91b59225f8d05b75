# Interrupts a command whose training would take hours, once it would remember
# that, and at once again, as `timeout` does.
"$@" >out.txt 2>&1 &
pid=$!
# A shell starts background jobs with SIGINT ignored; the program's own handlers
# replace that: the mask of what is caught has the bits of SIGINT and SIGTERM. (The
# shell itself, which the job is at first, catches only the former.)
until grep -qs 'SigCgt:.*[4-7c-f]..[2367abef]$' /proc/$pid/status ||
  ! kill -0 $pid 2>/dev/null; do
  sleep 0.01
done
kill -INT $pid $pid 2>/dev/null
wait $pid
code=$?
cat out.txt
echo "exit $code"
