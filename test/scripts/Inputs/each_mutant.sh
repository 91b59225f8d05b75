# Runs PROGRAM as each of its COUNT mutants, and says which print what the
# whole one prints.
"$1" > "$3.whole"
number=0
while [ $number -lt "$2" ]; do
  NNC_MUTANT=$number "$1" > "$3.broken"
  cmp -s "$3.whole" "$3.broken" && echo "mutant $number changes nothing"
  number=$((number + 1))
done
echo "$number mutants"
