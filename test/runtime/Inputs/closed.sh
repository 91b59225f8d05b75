# Runs a training whose folder, closed/, becomes read-only once it has begun, and
# again while it is.
limited=
if [ "$(id -u)" = 0 ]; then
  # Without its capabilities root is kept to the rights of a file, too.
  limited="setpriv --bounding-set -all --inh-caps -all"
fi
$limited "$@" > begun.txt 2>&1 &
pid=$!
until grep -q 'going on' begun.txt || ! kill -0 $pid 2>/dev/null; do
  sleep 0.01
done
chmod 555 closed
wait $pid
code=$?
cat begun.txt
echo "exit $code"
# A save that was under way cannot remove what it had written by then.
chmod 755 closed
rm -f closed/*.partial
chmod 555 closed
$limited "$@" 2>&1
echo "exit $?"
# So that whoever is not root can remove what is in there.
chmod 755 closed
