#!/usr/bin/env python3
"""Computes vector_math_coefficients.h: minimax polynomials by Remez exchange.

Usage: python3 codegen/minimax.py > codegen/vector_math_coefficients.h

Every polynomial P minimises max |w(x) (f(x) - P(x))| on [a, b]; w turns the
absolute error of P into the relative error of the function it stands in. The
polynomials are found with 60 digits (mpmath) and then rounded to nearest.
Remez, "Sur le calcul effectif des polynomes d'approximation de Tchebichef",
C. R. Acad. Sci. Paris 199 (1934).
"""
import struct
from mpmath import (mp, mpf, matrix, lu_solve, exp, log, log1p, tanh, erf, erfc,
                    sin, cos, sqrt, atanh, pi, nstr, ln)

mp.dps = 60


def remez(f, w, a, b, degree):
    a, b = mpf(a), mpf(b)
    count = degree + 2
    xs = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / (count - 1))
          for i in range(count)]
    grid = [(a + b) / 2 - (b - a) / 2 * cos(pi * i / (24 * count))
            for i in range(24 * count + 1)]
    values = [(x, f(x), w(x)) for x in grid]
    for _ in range(12):
        m = matrix(count, count)
        rhs = matrix(count, 1)
        for i, x in enumerate(xs):
            for j in range(degree + 1):
                m[i, j] = x ** j
            m[i, degree + 1] = (-1) ** i / w(x)
            rhs[i] = f(x)
        solution = lu_solve(m, rhs)
        coefficients = [solution[i] for i in range(degree + 1)]

        def p(x):
            r = mpf(0)
            for c in reversed(coefficients):
                r = r * x + c
            return r
        errors = [(x, wx * (fx - p(x))) for x, fx, wx in values]
        # The largest error within each run of one sign.
        peaks = []
        for x, e in errors:
            if peaks and (peaks[-1][1] > 0) == (e > 0):
                if abs(e) > abs(peaks[-1][1]):
                    peaks[-1] = (x, e)
            else:
                peaks.append((x, e))
        worst = max(abs(e) for _, e in peaks)
        while len(peaks) > count:
            peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
        if len(peaks) < count:
            break
        if worst < abs(solution[degree + 1]) * mpf("1.01"):
            break
        xs = [x for x, _ in peaks]
    return coefficients, worst


def as_float(c):
    return struct.unpack("f", struct.pack("f", float(c)))[0].hex()


def emit(name, comment, f, w, a, b, degree, single):
    coefficients, worst = remez(f, w, a, b, degree)
    print(f"/// {comment}")
    print(f"/// On [{nstr(mpf(a), 6)}, {nstr(mpf(b), 6)}]; "
          f"error 2^{nstr(log(worst, 2), 4)}.")
    print(f"inline constexpr double {name}[] = {{")
    for c in coefficients:
        print(f"    {as_float(c) if single else float(c).hex()},")
    print("};\n")


def near(f, series):
    """f(x), or its Taylor series where f cancels."""
    def g(x):
        if abs(x) < mpf("1e-12"):
            return sum(mpf(c) * x ** i for i, c in enumerate(series))
        return f(x)
    return g


def one(_):
    return mpf(1)


third = mpf(1) / 3
print("""\
//===- codegen/vector_math_coefficients.h - Written by minimax.py ---------===//
#ifndef NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H
#define NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H

#include <cstdint>

// clang-format off
namespace nnc::coefficients {
""")
half_ln2 = ln(2) / 2 * mpf("1.0001")
exp_q = near(lambda r: (exp(r) - 1 - r) / r ** 2, [mpf(1) / 2, mpf(1) / 6])
for name, degree, single in (("expF32", 4, True), ("expF64", 9, False)):
    emit(name, "(exp(r) - 1 - r) / r^2, in r.", exp_q,
         lambda r: r ** 2 / exp(r) + mpf("1e-30"), -half_ln2, half_ln2, degree,
         single)
low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1
emit("logF32", "(log(1 + f) - f + f^2/2) / f^3, in f.",
     near(lambda f: (log1p(f) - f + f ** 2 / 2) / f ** 3,
          [third, mpf(-1) / 4]),
     near(lambda f: f ** 3 / log1p(f), [0, 0, 1]),
     low, high, 8, True)
z_max = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")


def atanh_root(z):
    s = sqrt(z)
    return atanh(s) / s


emit("logF64", "(2 atanh(s)/s - 2) / z, in z = s^2.",
     near(lambda z: (2 * atanh_root(z) - 2) / z, [2 * third, mpf(2) / 5]),
     lambda z: z, "1e-30", z_max, 6, False)
emit("powF64", "(atanh(s)/s - 1 - z/3) / z^2, in z = s^2.",
     near(lambda z: (atanh_root(z) - 1 - z / 3) / z ** 2,
          [mpf(1) / 5, mpf(1) / 7]),
     lambda z: z ** 2 + mpf("1e-30"), 0, z_max, 6, False)


def tanh_q(z):
    x = sqrt(z)
    return (tanh(x) / x - 1) / z


for name, degree, single in (("tanhF32", 4, True), ("tanhF64", 10, False)):
    emit(name, "(tanh(x)/x - 1) / z, in z = x^2.",
         near(tanh_q, [-third, mpf(2) / 15]),
         lambda z: z * sqrt(z) / tanh(sqrt(z)) if z > 0 else mpf("1e-30"),
         "1e-20", mpf(5) / 8 * mpf(5) / 8, degree, single)


def erf_q(z):
    x = sqrt(z)
    return erf(x) / x - 1


for name, degree, single in (("erfF32", 6, True), ("erfF64", 11, False)):
    emit(name, "erf(x)/x - 1, in z = x^2.", erf_q,
         lambda z: sqrt(z) / erf(sqrt(z)), "1e-20", 1, degree, single)
emit("erfcF32", "log(erfc(x)), in x - 3/2.",
     lambda t: log(erfc(t + mpf(3) / 2)), lambda t: erfc(t + mpf(3) / 2),
     -0.5, 2.5, 8, True)
emit("erfcNearF64", "log(erfc(x)), in x - 3/2.",
     lambda t: log(erfc(t + mpf(3) / 2)), lambda t: erfc(t + mpf(3) / 2),
     mpf(-1) / 2, mpf(1) / 2, 13, False)
emit("erfcFarF64", "log(erfc(x)), in x - 4.",
     lambda t: log(erfc(t + 4)), lambda t: erfc(t + 4), -2, 2, 13, False)


def sin_q(z):
    x = sqrt(z)
    return (sin(x) / x - 1) / z


def cos_q(z):
    return (cos(sqrt(z)) - 1 + z / 2) / z ** 2


z_max = (pi / 4) ** 2 * mpf("1.0001")
for name, degree in (("sinF32", 3), ("sinF64", 5)):
    emit(name, "(sin(x)/x - 1) / z, in z = x^2.",
         near(sin_q, [mpf(-1) / 6, mpf(1) / 120]),
         lambda z: z, "1e-30", z_max, degree, False)
for name, degree in (("cosF32", 3), ("cosF64", 5)):
    emit(name, "(cos(x) - 1 + z/2) / z^2, in z = x^2.",
         near(cos_q, [mpf(1) / 24, mpf(-1) / 720]),
         lambda z: z ** 2 + mpf("1e-30"), 0, z_max, degree, False)
mp.dps = 500
digits = int(mp.floor(2 / pi * mpf(2) ** (20 * 64)))
print("/// A word of zeros, then the binary digits of 2/pi.")
print("inline constexpr uint64_t twoOverPi[] = {\n    0,")
for i in range(20):
    print(f"    {hex(digits >> (64 * (19 - i)) & (2 ** 64 - 1))},")
print("};\n")
print("""\
} // namespace nnc::coefficients
// clang-format on

#endif // NNC_CODEGEN_VECTOR_MATH_COEFFICIENTS_H""")
