//===- test/codegen/math.cpp - The error of the elementary functions ------===//
#include "codegen/jit.h"
#include "codegen/object.h"
#include "codegen/optimize.h"
#include "codegen/vector_math.h"
#include "ir/check.h"
#include "test/codegen/checks.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <bit>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

namespace nnc {
namespace {

using Compiled = void (*)(const void *x, const void *y, void *out, int64_t n);

/// void f(x, y, out, n): out[i] = function(x[i], y[i]) by vectors of `lanes`,
/// which divides n.
std::unique_ptr<llvm::Module> buildLoop(llvm::LLVMContext &context,
                                        const Target &target,
                                        MathFunction function, bool isDouble,
                                        unsigned lanes) {
  auto module = std::make_unique<llvm::Module>("math", context);
  llvm::IRBuilder<> b(context);
  llvm::Type *scalar = isDouble ? b.getDoubleTy() : b.getFloatTy();
  llvm::Type *type =
      lanes == 1 ? scalar : llvm::FixedVectorType::get(scalar, lanes);
  auto *f = llvm::Function::Create(
      llvm::FunctionType::get(
          b.getVoidTy(),
          {b.getPtrTy(), b.getPtrTy(), b.getPtrTy(), b.getInt64Ty()}, false),
      llvm::GlobalValue::ExternalLinkage, "f", *module);
  auto *entry = llvm::BasicBlock::Create(context, "entry", f);
  auto *loop = llvm::BasicBlock::Create(context, "loop", f);
  auto *exit = llvm::BasicBlock::Create(context, "exit", f);
  b.SetInsertPoint(entry);
  b.CreateBr(loop);
  b.SetInsertPoint(loop);
  llvm::PHINode *i = b.CreatePHI(b.getInt64Ty(), 2);
  i->addIncoming(b.getInt64(0), entry);
  auto load = [&](unsigned argument) -> llvm::Value * {
    return b.CreateAlignedLoad(
        type, b.CreateGEP(scalar, f->getArg(argument), i), llvm::Align(4));
  };
  llvm::SmallVector<llvm::Value *> operands = {load(0)};
  if (function == MathFunction::Pow)
    operands.push_back(load(1));
  llvm::Value *result = emitMath(b, target, function, operands);
  b.CreateAlignedStore(result, b.CreateGEP(scalar, f->getArg(2), i),
                       llvm::Align(4));
  llvm::Value *next = b.CreateAdd(i, b.getInt64(lanes));
  i->addIncoming(next, b.GetInsertBlock());
  b.CreateCondBr(b.CreateICmpSLT(next, f->getArg(3)), loop, exit);
  b.SetInsertPoint(exit);
  b.CreateRetVoid();
  module->setDataLayout(createTargetMachine(target)->createDataLayout());
  return module;
}

Compiled compile(Jit &jit, const Target &target, MathFunction function,
                 bool isDouble, unsigned lanes) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = buildLoop(*context, target, function, isDouble, lanes);
  optimizeModule(*module, *createTargetMachine(target), OptimizationLevel::O2);
  Status status = jit.add(std::move(module), std::move(context));
  void *address = nullptr;
  if (status.ok())
    status = jit.lookup("f", address);
  check(status.ok(), status.message().c_str());
  return reinterpret_cast<Compiled>(address);
}

long double reference(MathFunction function, long double x, long double y) {
  switch (function) {
  case MathFunction::Exp:
    return std::exp(x);
  case MathFunction::Log:
    return std::log(x);
  case MathFunction::Tanh:
    return std::tanh(x);
  case MathFunction::Sigmoid:
    return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
  case MathFunction::Erf:
    return std::erf(x);
  case MathFunction::Sin:
    return std::sin(x);
  case MathFunction::Cos:
    return std::cos(x);
  case MathFunction::Pow:
    return std::pow(x, y);
  case MathFunction::Floor:
    return std::floor(x);
  case MathFunction::Round:
    return std::nearbyint(x);
  case MathFunction::Sqrt:
    return std::sqrt(x);
  }
  internalError("unknown math function");
}

/// The distance in units of the last place of T; infinite if one of the two is
/// a NaN, infinity (after rounding) or signed zero and the other is not.
template <typename T> double error(T got, long double wanted) {
  T rounded = static_cast<T>(wanted);
  if (std::isnan(got) || std::isnan(rounded))
    return std::isnan(got) && std::isnan(rounded) ? 0 : INFINITY;
  if (got == rounded)
    return std::signbit(got) == std::signbit(rounded) ? 0 : INFINITY;
  if (std::isinf(rounded))
    rounded = std::copysign(std::numeric_limits<T>::max(), rounded);
  if (std::isinf(got))
    return INFINITY;
  int exponent =
      std::max(std::ilogb(rounded), std::numeric_limits<T>::min_exponent - 1);
  long double ulp =
      std::ldexp(1.0L, exponent + 1 - std::numeric_limits<T>::digits);
  return static_cast<double>(std::fabs(static_cast<long double>(got) - wanted) /
                             ulp);
}

struct Worst {
  double error = 0;
  double x = 0, y = 0, got = 0;
  template <typename T> void add(T xi, T yi, T result, long double wanted) {
    double e = nnc::error(result, wanted);
    if (e > error)
      *this = {e, xi, yi, result};
  }
};

constexpr int64_t chunk = 4096;

/// Zero, the least and the greatest subnormal, one, the greatest number,
/// infinity and NaN; with the sign bit, each again.
constexpr uint32_t specialBits[] = {0,          1,          0x007fffff,
                                    0x00800000, 0x3f800000, 0x7f7fffff,
                                    0x7f800000, 0x7fc00000};

Worst sweepFloat(Compiled f, MathFunction function, uint64_t step) {
  const Target &host = bestHostTarget();
  Jit jit(host, OptimizationLevel::O2);
  Compiled exact = compile(jit, host, function, true, 8);
  Worst worst;
  std::vector<float> x(chunk), y(chunk), got(chunk);
  std::vector<double> wideX(chunk), wideY(chunk), wanted(chunk);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> some(-8, 8);
  for (uint64_t bits = 0; bits < (1ull << 32);) {
    const bool isFirst = bits == 0;
    for (int64_t i = 0; i < chunk; ++i, bits += step) {
      x[i] = std::bit_cast<float>(static_cast<uint32_t>(bits));
      constexpr int64_t specials = std::size(specialBits);
      if (step > 1 && isFirst && i < 2 * specials)
        x[i] =
            std::bit_cast<float>(specialBits[i / 2] | (i % 2 ? 1u << 31 : 0));
      if (function == MathFunction::Pow)
        y[i] = i % 3 == 0 ? std::round(some(random)) : some(random);
      wideX[i] = x[i];
      wideY[i] = y[i];
    }
    f(x.data(), y.data(), got.data(), chunk);
    exact(wideX.data(), wideY.data(), wanted.data(), chunk);
    for (int64_t i = 0; i < chunk; ++i)
      if (float rounded = static_cast<float>(wanted[i]);
          std::bit_cast<uint32_t>(rounded) != std::bit_cast<uint32_t>(got[i]))
        worst.add(x[i], y[i], got[i], wanted[i]);
  }
  return worst;
}

const double special[] = {0,        0.5,    1,      1.5,    2,      3,
                          1e300,    1e-310, 5e-324, 0.75,   709.7,  745.1,
                          INFINITY, NAN,    1e15,   4.5e15, 9.1e15, 2.5};

Worst sampleDouble(Compiled f, MathFunction function, uint64_t count) {
  Worst worst;
  std::vector<double> x(chunk), y(chunk), got(chunk);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> some(-40, 40);
  constexpr size_t specials = std::size(special);
  for (uint64_t done = 0; done < count; done += chunk) {
    for (int64_t i = 0; i < chunk; ++i) {
      x[i] = i % 2 ? std::bit_cast<double>(random()) : some(random);
      y[i] = i % 3 == 0   ? std::round(some(random))
             : i % 3 == 1 ? some(random)
                          : 700 / std::log(std::fabs(x[i]));
      if (done == 0 && i < static_cast<int64_t>(4 * specials * specials)) {
        x[i] = special[i / 4 % specials] * (i & 1 ? -1 : 1);
        y[i] = special[i / 4 / specials] * (i & 2 ? -1 : 1);
      }
    }
    f(x.data(), y.data(), got.data(), chunk);
    for (int64_t i = 0; i < chunk; ++i)
      worst.add(x[i], y[i], got[i], reference(function, x[i], y[i]));
  }
  return worst;
}

struct Request {
  MathFunction function;
  bool isDouble;
  const Target *target;
  unsigned lanes = 0;
  uint64_t step = 0;
};

std::optional<Request> parse(Arguments arguments, size_t count) {
  if (arguments.size() != count)
    return std::nullopt;
  auto function = findMathFunction(arguments[0]);
  const Target *target = findTarget(arguments[2]);
  if (!function || !target)
    return std::nullopt;
  Request request{*function, arguments[1] == "f64", target};
  if (arguments[3].getAsInteger(10, request.lanes) ||
      (count > 4 && arguments[4].getAsInteger(10, request.step)))
    return std::nullopt;
  return request;
}

int checkError(const Request &request) {
  if (!hostSupports(*request.target))
    return 0;
  Jit jit(*request.target, OptimizationLevel::O2);
  Compiled f = compile(jit, *request.target, request.function, request.isDouble,
                       request.lanes);
  Worst worst = request.isDouble
                    ? sampleDouble(f, request.function, request.step)
                    : sweepFloat(f, request.function, request.step);
  std::printf("%s %s %s: %.3f ULP at %a, %a (%a): %s\n",
              mathFunctionName(request.function).data(),
              request.isDouble ? "f64" : "f32", request.target->name,
              worst.error, worst.x, worst.y, worst.got,
              worst.error <= 2 ? "ok" : "too much");
  return worst.error <= 2 ? 0 : 1;
}

std::string assembly(const Request &request) {
  llvm::LLVMContext context;
  auto module = buildLoop(context, *request.target, request.function,
                          request.isDouble, request.lanes);
  auto machine = createTargetMachine(*request.target);
  optimizeModule(*module, *machine, OptimizationLevel::O2);
  return emitAssembly(*module, *machine);
}

/// A call to anything but our own reduction of large arguments.
bool hasForeignCall(const Request &request) {
  std::string text = assembly(request);
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(text).split(lines, '\n');
  for (llvm::StringRef line : lines)
    if (line.starts_with("\tcall") && !line.contains("nnc.reduce_large")) {
      std::printf("%s %s:%s\n", mathFunctionName(request.function).data(),
                  request.target->name, line.str().c_str());
      return true;
    }
  return false;
}

} // namespace

int checkMath(Arguments arguments) {
  auto request = parse(arguments, 5);
  return request && request->step != 0 ? checkError(*request) : 1;
}

int checkAllMath(Arguments arguments) {
  if (arguments.size() != 1)
    return 1;
  const Target *target = findTarget(arguments[0]);
  if (!target)
    return 1;
  int bad = 0, count = 0;
  for (int i = 0; i <= static_cast<int>(MathFunction::Sqrt); ++i)
    for (bool isDouble : {false, true}) {
      Request request{static_cast<MathFunction>(i), isDouble, target};
      request.step = isDouble ? 40'000 : 4093;
      for (unsigned lanes : {1u, isDouble ? 8u : 16u}) {
        request.lanes = lanes;
        bad += hasForeignCall(request);
      }
      bad += checkError(request);
      ++count;
    }
  std::printf("%d functions, %d bad\n", count, bad);
  return bad != 0;
}

int printMath(Arguments arguments) {
  auto request = parse(arguments, 4);
  if (!request)
    return 1;
  llvm::outs() << assembly(*request);
  return 0;
}

} // namespace nnc
