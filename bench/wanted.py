"""What networks.py is to reach: by workload, how many times as fast as the best peer
with one thread and with two; and what was found to hold those back that do not."""
WANTED = {
    "net:Digits:1": (0.95, 0.95), "net:Digits:64": (0.97, 0.97),
    "train:Digits:64": (1.7, 3), "net:LeNet:1": (2, 2), "net:LeNet:64": (2, 2),
    "train:LeNet:64": (4, 3.5), "net:ResNet18:1": (1.05, 1.05),
    "net:ResNet50:1": (1.05, 1.05), "net:MobileNetV2:1": (1.3, 1.3),
    **{f"net:{name}:1": (0.95, 0.95)
       for name in ("Matmul8", "Matmul16", "Matmul64", "Matvec1024")},
    **{f"net:Matmul{size}:1": (0.97, 0.97)
       for size in (128, 256, 512, 1024, 2048)},
    "net:Bottleneck:1": (1.3, 1.3), "net:Direct5x5:1": (0.97, 0.97),
    "net:Conv3x3:1": (0.97, 0.97), "net:Depthwise:1": (1.2, 1.2),
    "net:Softmax:512": (1.2, 1.2), "net:Normed:128": (1, 1),
    "net:GeluChain:1024": (1.3, 1.3), "net:Attention:1": (1, 1),
    "net:Rnn:1": (1.7, 1.7), "net:Rnn:32": (1, 1), "net:Lstm:1": (1.1, 1.6),
    "net:Lstm:32": (1, 1), "net:Encoder512:1": (1.1, 1.1),
    "net:Encoder512:8": (1.1, 1.1), "net:Encoder6:1": (1.4, 1.4),
    "train:Mlp:64": (1.35, 2.5), "train:Lstm:32": (2, 4), "train:Encoder512:8": (1.2, 2.3),
    "train:Autoencoder:64": (2, 3), "train:ResNet18At64:8": (1.5, 1.4),
}
# Seen with `nnc explain --measure`, on an EPYC of 117 GFLOP/s a core.
HELD = {
    "train:Digits:64": "The kernels of two weights' gradients, with Adam in them: 1.05 "
    "ms of 2.2, 0.73 at the peak; moments and weights pass through L3.",
    "net:LeNet:64": "Its batch is free, so that one image must not cost as much as 16: "
    "its places are in the lanes, 392 of 448 in conv1, 100 of 144 in conv2. In a "
    "program with a constant batch of 64 images are, and it takes 0.50 ms.",
    "train:LeNet:64": "16 images are in the lanes of vectors; the pool behind conv1 is a "
    "kernel of its own.",
    "net:MobileNetV2:1": "Its kernels would take 6.3 ms at the machine's best, where "
    "the first blocks are bound by memory: the expanded image goes there and back. "
    "Layers of 7 x 7 places and the first ones reach 60 to 70 % of the peak.",
    "net:Bottleneck:1": "At 98 % of the peak, which itself would not do: zeros beside the "
    "image are multiplied, 4 % of all products; 16 channels are too few for a call for "
    "each column of the window. A library is given its own layout of channels, and no "
    "time to change to it is counted.",
    "net:Direct5x5:1": "Beyond the peak, by products that are left out around the "
    "image; results are turned round, which takes as long as 12 multiply-adds of a "
    "vector. A library is given its own layout of channels, and no time to change to it "
    "is counted.",
    "net:GeluChain:1024": "Twice erf an element, in registers: bound by arithmetic "
    "that is not multiply-adds.",
    "net:Attention:1": "At 84 % of the peak: softmax between the two products.",
    "net:Rnn:1": "Its weights, 256 KB, come from L2 in each step, at 97 GB/s.",
    "net:Lstm:1": "Half of the weights, 0.5 MB for each core, comes from L2 in each "
    "step; at 97 GB/s, as an RNN's do, that alone would take 0.33 ms.",
    "net:Encoder512:8": "At 86 % of the peak.",
    "net:Encoder6:1": "At 86 % of the peak: the peak itself would not do. The kernel "
    "with gelu takes 2.02 ms for 1.72, attention over 64 places 0.39 for 0.22.",
    "train:Lstm:32": "Products at 95 GFLOP/s take 93 % of the time: the peak itself "
    "would not do.",
    "train:Encoder512:8": "Products at 97 GFLOP/s take 98 % of the time; 83 where gelu's "
    "derivative is in their kernel.",
    "train:Autoencoder:64": "Products take all of the time, at 94 GFLOP/s; sigmoid and "
    "its derivative are in their kernels.",
    "train:ResNet18At64:8": "Weights' gradients of 512 channels over 2 x 2 places reach "
    "48 GFLOP/s, since they read and write 38 MB of weights and momentum each; those of "
    "64 channels 85; the first layer's 60.",
    "net:Depthwise:1": "A library is given its image in blocks of 16 channels, its own "
    "layout, and no time to change to it is counted.",
    "net:Matmul8:1": "The call takes two thirds of the time, 0.015 of 0.022 us.",
    "net:Matmul64:1": "At 97 % of the FMA peak, in 4.5 us.",
    "net:Matmul128:1": "At 95 % of the FMA peak; the library is at it.",
    "net:Matmul256:1": "At 97 % of the FMA peak with one thread.",
    "net:Matmul1024:1": "A disturbed hour: 19 ms by itself, at 96 % of the FMA peak.",
    "net:Matmul2048:1": "A disturbed hour: 159 ms by itself, at 92 % of the FMA peak.",
    "net:Encoder512:1": "At 87 % of the FMA peak.",
    "net:Lstm:32": "At 83 % of the FMA peak: the cells' functions are a kernel of their "
    "own.",
    "train:Mlp:64": "As of the network with Adam: the kernels of two weights' gradients, "
    "with the update in them.",
}
