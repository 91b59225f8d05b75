"""What networks.py is to reach: by workload, how many times as fast as the best peer
with one thread and with two; and what was found to hold those back that do not."""
WANTED = {
    "net:Digits:1": (0.95, 0.95), "net:Digits:64": (0.97, 0.97),
    "train:Digits:64": (1.7, 3), "net:LeNet:1": (2, 2), "net:LeNet:64": (2, 2),
    "train:LeNet:64": (4, 3.5), "net:ResNet18:1": (1.05, 1.05),
    "net:ResNet50:1": (1.05, 1.05), "net:MobileNetV2:1": (1.3, 1.3),
    "net:Matmul64:1": (0.95, 0.95),
    **{f"net:Matmul{size}:1": (0.97, 0.97)
       for size in (128, 256, 512, 1024, 2048)},
    "net:Bottleneck:1": (1.3, 1.3), "net:Direct5x5:1": (0.97, 0.97),
    "net:Conv3x3:1": (0.97, 0.97), "net:Depthwise:1": (1.2, 1.2),
    "net:Softmax:512": (1.2, 1.2), "net:Normed:128": (1, 1),
    "net:GeluChain:1024": (1.3, 1.3), "net:Attention:1": (1, 1),
    "net:Rnn:1": (1.7, 1.7), "net:Rnn:32": (1, 1), "net:Lstm:1": (1.1, 1.6),
    "net:Lstm:32": (1, 1), "net:Encoder512:1": (1.1, 1.1),
    "net:Encoder512:8": (1.1, 1.1), "net:Encoder6:1": (1.4, 1.4),
    "train:Lstm:32": (2, 4), "train:Encoder512:8": (1.2, 2.3),
    "train:Autoencoder:64": (2, 3), "train:ResNet18At64:16": (1.5, 1.4),
}
# Seen with `nnc explain --measure` and in the assembly.
HELD = {}
