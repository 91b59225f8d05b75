"""every_nth.py N FIRST: of the functions on standard input, those whose number
is FIRST modulo N."""
import re
import sys

n, first = int(sys.argv[1]), int(sys.argv[2])
functions = re.split(r"(?m)^(?=func )", sys.stdin.read())[1:]
sys.stdout.write("".join(functions[first::n]))
