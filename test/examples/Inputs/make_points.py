# Prints 300 points in 7 dimensions and the class, 0 to 2, of each; the same on
# every machine.
state = 1
for row in range(300):
    numbers = []
    for column in range(7):
        state = (state * 1103515245 + 12345) % 2**31
        numbers.append(state / 2**30 - 1)
    kind = (numbers[0] + numbers[1] > 0) + (numbers[2] * numbers[3] > 0)
    print(",".join(f"{x:.6f}" for x in numbers) + f",{kind}")
