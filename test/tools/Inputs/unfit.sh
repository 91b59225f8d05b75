# unfit.sh KERNEL SCHEDULE: what nnc says of that schedule for the kernels of
# first.tune whose line has KERNEL.
sed "/$1/s/| rows.*|/| $2 |/" first.tune >unfit.tune
nnc emit kernels m.nn --march native --tune=unfit.tune 2>&1 >/dev/null
