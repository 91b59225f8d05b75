"""A net of 80 equal layers, and its training.

usage: deep.py [BETWEEN]: what becomes of `h` in their midst, where h0 to h39
are what the layers before gave. Their weights lie transposed: their products
call the micro-kernel however small they are."""
import sys


def layers(numbers):
    return ''.join(f'  h{i} = h |> Turned |> tanh\n  h = h{i}\n'
                   for i in numbers)


between = f'  h = {sys.argv[1]}\n' if len(sys.argv) > 1 else ''
texts = [[[i + t % 3, t % 5, 1] for t in range(10)] for i in range(2)]
print(f'''dim B, T
layer Turned(x: f32[B, T, 8]) -> f32[B, T, 8] {{
  param w: f32[8, 8] = glorot()
  param b: f32[8] = zeros[8]
  return (x[B, T, I] * w[O, I] -> [B, T, O]) + b
}}
net Deep(x: f32[B, T, 3]) -> f32[..] {{
  h = (x |> Dense[3, 3]) * [1, 2, 3] |> Dense[3, 8]
{layers(range(40))}{between}{layers(range(40, 80))}  return h |> Dense[8, 3]
}}
train Deep {{
  data x: f32[B, 10, 3] = {texts}
  loss mean(Deep(x)^2)
  optimizer Sgd(lr=0.1)
  batch 2 epochs 3 seed 1
}}''')
