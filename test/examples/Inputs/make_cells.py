"""Eight rows like those of breast_cancer.csv: thirty measures and a class."""
import random

random.seed(1)
for i in range(8):
    row = [f"{random.random():.3f}" for _ in range(30)]
    print(",".join(row + [str(i % 2)]))
