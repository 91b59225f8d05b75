#!/bin/sh
# What lit runs a test's script with: bash, and an end of it and of all that it
# started after NNC_TEST_SECONDS. (lit's own limit needs the module psutil,
# which the Python at hand seldom has.)
timeout --kill-after=5 "$NNC_TEST_SECONDS" bash "$@"
status=$?
# 137: the test ignored the first signal.
case $status in
124 | 137)
  echo "the test was ended after its limit of $NNC_TEST_SECONDS seconds" >&2
  ;;
esac
exit $status
