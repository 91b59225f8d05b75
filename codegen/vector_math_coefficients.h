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
