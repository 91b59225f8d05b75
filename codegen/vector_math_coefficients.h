//===- codegen/vector_math_coefficients.h - Written by minimax.py ---------===//
#ifndef NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H
#define NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H

#include <cstdint>

// clang-format off
namespace nnc::coefficients {

/// (exp(r) - 1 - r) / r^2, in r.
/// On [-0.346608, 0.346608]; error 2^-28.29.
inline constexpr double expF32[] = {
    0x1.fffffc0000000p-2,
    0x1.5554920000000p-3,
    0x1.5558f00000000p-5,
    0x1.1239e40000000p-7,
    0x1.6a25d00000000p-10,
};

/// (exp(r) - 1 - r) / r^2, in r.
/// On [-0.346608, 0.346608]; error 2^-57.94.
inline constexpr double expF64[] = {
    0x1.000000000000ap-1,
    0x1.55555555554fap-3,
    0x1.5555555550879p-5,
    0x1.1111111127af5p-7,
    0x1.6c16c1842aab4p-10,
    0x1.a01a012aaa6f0p-13,
    0x1.a0199a0ad0704p-16,
    0x1.71df249aba791p-19,
    0x1.28ad744252ed9p-22,
    0x1.ad808c8faa6fap-26,
};

/// (log(1 + f) - f + f^2/2) / f^3, in f.
/// On [-0.292893, 0.414214]; error 2^-30.31.
inline constexpr double logF32[] = {
    0x1.5555480000000p-2,
    -0x1.0000060000000p-2,
    0x1.99a4b60000000p-3,
    -0x1.555c4e0000000p-3,
    0x1.2337580000000p-3,
    -0x1.fc21ba0000000p-4,
    0x1.e6f0e20000000p-4,
    -0x1.de3e3e0000000p-4,
    0x1.1459780000000p-4,
};

/// (2 atanh(s)/s - 2) / z, in z = s^2.
/// On [1.0e-30, 0.0294402]; error 2^-58.49.
inline constexpr double logF64[] = {
    0x1.5555555555592p-1,
    0x1.999999997fdc3p-2,
    0x1.24924941f15d9p-2,
    0x1.c71c5208a6ec8p-3,
    0x1.74663f2756f62p-3,
    0x1.39a1b1e63aa89p-3,
    0x1.2f05d47d39208p-3,
};

/// (atanh(s)/s - 1 - z/3) / z^2, in z = s^2.
/// On [0.0, 0.0294402]; error 2^-66.29.
inline constexpr double powF64[] = {
    0x1.9999999999b30p-3,
    0x1.2492492457d56p-3,
    0x1.c71c722d66ed8p-4,
    0x1.745ce9e30b578p-4,
    0x1.3b1eec224b198p-4,
    0x1.0f7fe68f120dcp-4,
    0x1.0e42d17798167p-4,
};

/// (tanh(x)/x - 1) / z, in z = x^2.
/// On [1.0e-20, 0.390625]; error 2^-27.75.
inline constexpr double tanhF32[] = {
    -0x1.5555320000000p-2,
    0x1.1107280000000p-3,
    -0x1.b83c780000000p-5,
    0x1.5226e60000000p-6,
    -0x1.75e1aa0000000p-8,
};

/// (tanh(x)/x - 1) / z, in z = x^2.
/// On [1.0e-20, 0.390625]; error 2^-56.45.
inline constexpr double tanhF64[] = {
    -0x1.55555555554ffp-2,
    0x1.111111110accfp-3,
    -0x1.ba1ba1b506523p-5,
    0x1.664f477adb039p-6,
    -0x1.226e162be7664p-7,
    0x1.d6cf280a30a09p-9,
    -0x1.7d68a2e8e304ap-10,
    0x1.3366108b60e56p-11,
    -0x1.df5562febdde2p-13,
    0x1.4390e69c22a88p-14,
    -0x1.0da6a94244369p-16,
};

/// erf(x)/x - 1, in z = x^2.
/// On [1.0e-20, 1.0]; error 2^-29.62.
inline constexpr double erfF32[] = {
    0x1.06eba80000000p-3,
    -0x1.81273e0000000p-2,
    0x1.ce2cf80000000p-4,
    -0x1.b7f9100000000p-6,
    0x1.5405be0000000p-8,
    -0x1.a3f71e0000000p-11,
    0x1.496a120000000p-14,
};

/// erf(x)/x - 1, in z = x^2.
/// On [1.0e-20, 1.0]; error 2^-56.92.
inline constexpr double erfF64[] = {
    0x1.06eba8214db68p-3,
    -0x1.812746b0379bdp-2,
    0x1.ce2f21a040d21p-4,
    -0x1.b82ce311fab6fp-6,
    0x1.565bccf92eaadp-8,
    -0x1.c02db03e3cd72p-11,
    0x1.f9a2bab00ed8ep-14,
    -0x1.f4ca4dbca9a02p-17,
    0x1.b97fd5d5cea58p-20,
    -0x1.5c072df7c0e9ep-23,
    0x1.d71b21cf3dcd1p-27,
    -0x1.abae353b8c9f6p-31,
};

/// erf(x)/x, in r of x = (i + 1/2 + r) / 8: c + P(r) r.
/// For i from 0 to 31; error 2^-28.38.
inline constexpr double erfCenters[32] = {
        0x1.207d480000000p+0, 0x1.1d83ec0000000p+0, 0x1.17bb2a0000000p+0, 0x1.0f725a0000000p+0,
        0x1.0515ec0000000p+0, 0x1.f2491c0000000p-1, 0x1.d847140000000p-1, 0x1.bd27940000000p-1,
        0x1.a1d1f00000000p-1, 0x1.8706c60000000p-1, 0x1.6d59d80000000p-1, 0x1.5531860000000p-1,
        0x1.3ecaa40000000p-1, 0x1.2a3f120000000p-1, 0x1.178db80000000p-1, 0x1.06a27a0000000p-1,
        0x1.eebaaa0000000p-2, 0x1.d330480000000p-2, 0x1.ba55d00000000p-2, 0x1.a3dd540000000p-2,
        0x1.8f7e6a0000000p-2, 0x1.7cf7e20000000p-2, 0x1.6c10440000000p-2, 0x1.5c959a0000000p-2,
        0x1.4e5cc60000000p-2, 0x1.4140b80000000p-2, 0x1.3521960000000p-2, 0x1.29e3fc0000000p-2,
        0x1.1f70400000000p-2, 0x1.15b1e20000000p-2, 0x1.0c97140000000p-2, 0x1.0410400000000p-2,
};

inline constexpr double erfPieces[4][32] = {
    {
        -0x1.8040680000000p-8, -0x1.1ad8ec0000000p-6, -0x1.c630fc0000000p-6, -0x1.2cd3340000000p-5,
        -0x1.679e460000000p-5, -0x1.91ec100000000p-5, -0x1.aba09e0000000p-5, -0x1.b5e32c0000000p-5,
        -0x1.b2cde60000000p-5, -0x1.a50d4a0000000p-5, -0x1.8f80a20000000p-5, -0x1.74e9320000000p-5,
        -0x1.57b05a0000000p-5, -0x1.39c6fe0000000p-5, -0x1.1c9bc80000000p-5, -0x1.0122e40000000p-5,
        -0x1.cfd1440000000p-6, -0x1.a251e00000000p-6, -0x1.79cdde0000000p-6, -0x1.56032e0000000p-6,
        -0x1.3688040000000p-6, -0x1.1ae2380000000p-6, -0x1.02968c0000000p-6, -0x1.da62fa0000000p-7,
        -0x1.b497380000000p-7, -0x1.9315ac0000000p-7, -0x1.75443c0000000p-7, -0x1.5aa0580000000p-7,
        -0x1.42bbe20000000p-7, -0x1.2d3a0e0000000p-7, -0x1.19cc840000000p-7, -0x1.0830f60000000p-7,
    },
    {
        -0x1.7e73860000000p-8, -0x1.6948a20000000p-8, -0x1.413ffa0000000p-8, -0x1.0a932c0000000p-8,
        -0x1.95786e0000000p-9, -0x1.0f45440000000p-9, -0x1.1b303e0000000p-10, -0x1.96b6cc0000000p-13,
        0x1.1c88f00000000p-11, 0x1.2210720000000p-10, 0x1.881c580000000p-10, 0x1.c45aac0000000p-10,
        0x1.dd90c60000000p-10, 0x1.dbcb240000000p-10, 0x1.c715820000000p-10, 0x1.a697280000000p-10,
        0x1.8017a60000000p-10, 0x1.57dbc60000000p-10, 0x1.30c0be0000000p-10, 0x1.0c7a580000000p-10,
        0x1.d7ba3c0000000p-11, 0x1.9e4a260000000p-11, 0x1.6c609a0000000p-11, 0x1.4155560000000p-11,
        0x1.1c56ea0000000p-11, 0x1.f91ddc0000000p-12, 0x1.c26b6e0000000p-12, 0x1.9335e60000000p-12,
        0x1.6a4f9e0000000p-12, 0x1.46bb420000000p-12, 0x1.27a61c0000000p-12, 0x1.0c61a00000000p-12,
    },
    {
        0x1.cb3db00000000p-15, 0x1.4bd69a0000000p-13, 0x1.00968a0000000p-12, 0x1.40c1fc0000000p-12,
        0x1.61e4f00000000p-12, 0x1.63f3c20000000p-12, 0x1.4ae1d00000000p-12, 0x1.1d7a220000000p-12,
        0x1.c7c5be0000000p-13, 0x1.4c4d180000000p-13, 0x1.ac334e0000000p-14, 0x1.bb5c700000000p-15,
        0x1.bec9800000000p-17, -0x1.08b8980000000p-16, -0x1.2642aa0000000p-15, -0x1.82b6e40000000p-15,
        -0x1.a9969a0000000p-15, -0x1.aabbbe0000000p-15, -0x1.93fa380000000p-15, -0x1.702f780000000p-15,
        -0x1.4720f20000000p-15, -0x1.1dd9d60000000p-15, -0x1.ee85600000000p-16, -0x1.a980780000000p-16,
        -0x1.6d7b280000000p-16, -0x1.3a2b5c0000000p-16, -0x1.0eb8640000000p-16, -0x1.d42c160000000p-17,
        -0x1.966faa0000000p-17, -0x1.6253c60000000p-17, -0x1.36341c0000000p-17, -0x1.10b1280000000p-17,
    },
    {
        0x1.c7054c0000000p-16, 0x1.9554c00000000p-16, 0x1.3a249e0000000p-16, 0x1.880e7e0000000p-17,
        0x1.134cc60000000p-18, -0x1.8fa1a20000000p-19, -0x1.24924e0000000p-17, -0x1.a75bf00000000p-17,
        -0x1.e78d5c0000000p-17, -0x1.eb36ca0000000p-17, -0x1.bfdcde0000000p-17, -0x1.7671fa0000000p-17,
        -0x1.1fa1d00000000p-17, -0x1.9257380000000p-18, -0x1.f22da80000000p-19, -0x1.f6ae760000000p-20,
        -0x1.16af380000000p-21, 0x1.9d980e0000000p-22, 0x1.ed8fa00000000p-21, 0x1.3be6940000000p-20,
        0x1.4e8d8c0000000p-20, 0x1.422bfe0000000p-20, 0x1.25731c0000000p-20, 0x1.0221c80000000p-20,
        0x1.bc601e0000000p-21, 0x1.79a3aa0000000p-21, 0x1.3ed68e0000000p-21, 0x1.0c9bc00000000p-21,
        0x1.c4ecea0000000p-22, 0x1.7edbb80000000p-22, 0x1.44d3d00000000p-22, 0x1.14c3320000000p-22,
    },
};

/// log(erfc(x)), in x - 3/2.
/// On [-0.5, 2.5]; error 2^-35.86.
inline constexpr double erfcF32[] = {
    -0x1.b1370a0000000p+1,
    -0x1.c120620000000p+1,
    -0x1.c908280000000p-1,
    -0x1.a71a6e0000000p-6,
    0x1.89b1800000000p-8,
    -0x1.497e140000000p-10,
    0x1.c067840000000p-13,
    -0x1.761f660000000p-16,
    0x1.0e44f00000000p-22,
};

/// log(erfc(x)), in x - 3/2.
/// On [-0.5, 0.5]; error 2^-60.27.
inline constexpr double erfcNearF64[] = {
    -0x1.b137096b18e96p+1,
    -0x1.c1206279e92bfp+1,
    -0x1.c90827462a16dp-1,
    -0x1.a71a4bddfb206p-6,
    0x1.89a87b490a568p-8,
    -0x1.49926244e718fp-10,
    0x1.c4e86a2416acfp-13,
    -0x1.790b8b5fce967p-16,
    -0x1.633e44714bdf5p-19,
    0x1.3e289b6529c65p-19,
    -0x1.b7da59e811980p-21,
    0x1.a098626b0f20fp-23,
    -0x1.be82b76e26dc7p-26,
    -0x1.cde280d6ffc69p-29,
};

/// log(erfc(x)), in x - 4.
/// On [-2.0, 2.0]; error 2^-60.8.
inline constexpr double erfcFarF64[] = {
    -0x1.1fcdf0a1a0ce6p+4,
    -0x1.07906645e127ep+3,
    -0x1.f267544775eb9p-1,
    -0x1.f12d0439b988ep-9,
    0x1.3133e6b909676p-11,
    -0x1.7de065b9bfa9cp-14,
    0x1.daf4f6fcc3348p-17,
    -0x1.15dfcd036937dp-19,
    0x1.c5d6c86d0a0f7p-22,
    0x1.943b7a33fd8f4p-25,
    0x1.cd2b734f7be64p-25,
    0x1.0ed88bce12d96p-26,
    0x1.cdf9dfc646eb7p-29,
    0x1.5c8718a06af62p-32,
};

/// (sin(x)/x - 1) / z, in z = x^2.
/// On [1.0e-30, 0.616912]; error 2^-37.57.
inline constexpr double sinF32[] = {
    -0x1.5555554cbaf86p-3,
    0x1.1111089672268p-7,
    -0x1.a00f9d992b3abp-13,
    0x1.6cd850dba97a6p-19,
};

/// (sin(x)/x - 1) / z, in z = x^2.
/// On [1.0e-30, 0.616912]; error 2^-58.01.
inline constexpr double sinF64[] = {
    -0x1.5555555555549p-3,
    0x1.111111110f87ep-7,
    -0x1.a01a019c120a9p-13,
    0x1.71de357817567p-19,
    -0x1.ae5e668615888p-26,
    0x1.5d9316f84a530p-33,
};

/// (cos(x) - 1 + z/2) / z^2, in z = x^2.
/// On [0.0, 0.616912]; error 2^-43.2.
inline constexpr double cosF32[] = {
    0x1.5555554f4e3b6p-5,
    -0x1.6c16b898c3b4ep-10,
    0x1.a01120220a742p-16,
    -0x1.242ad4cb1a92cp-22,
};

/// (cos(x) - 1 + z/2) / z^2, in z = x^2.
/// On [0.0, 0.616912]; error 2^-64.21.
inline constexpr double cosF64[] = {
    0x1.555555555554cp-5,
    -0x1.6c16c16c15185p-10,
    0x1.a01a019cb267bp-16,
    -0x1.27e4f80a605e4p-22,
    0x1.1ee9ec300d220p-29,
    -0x1.8faebf7366deep-37,
};

/// A word of zeros, then the binary digits of 2/pi.
inline constexpr uint64_t twoOverPi[] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x6492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
};

} // namespace nnc::coefficients
// clang-format on

#endif // NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H
