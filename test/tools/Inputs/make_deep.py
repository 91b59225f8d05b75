# Writes deep.nn, layers.nn and their data, deep.csv.
import random

random.seed(3)
train = """train Deep {
  data x: f32[B, 32], label: i32[B] = csv("deep.csv", x = 0:32, label = 32)
  loss cross_entropy(Deep(x), label)
  optimizer Sgd(lr = 0.1)
  batch 256
  epochs 2
  seed 1
}
"""
layers = "".join("    |> Dense[O=32] |> tanh\n" for _ in range(24))
with open("deep.nn", "w") as file:
    file.write(f"""dim B

net Deep(x: f32[B, 32]) -> f32[B, 10] {{
  return x
{layers}    |> Dense[O=10]
}}

{train}""")
with open("deep.csv", "w") as file:
    for _ in range(600):
        file.write(",".join(f"{random.gauss(0, 1):.4f}" for _ in range(32)))
        file.write(f",{random.randrange(10)}\n")
with open("layers.nn", "w") as file:
    file.write(f"""dim B

net Deep(x: f32[B, 32]) -> f32[B, 10] {{
  h = x
  repeat 40 {{ h = h + (LayerNorm[32](h) |> Dense[O=64] |> tanh |> Dense[O=32] |> dropout(0.1)) }}
  return Dense[O=10](h)
}}

{train}""")
