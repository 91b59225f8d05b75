//===- test/codegen/micro_kernel.cpp - Spills, results, speed -------------===//
#include "codegen/micro_kernel.h"

#include "codegen/jit.h"
#include "codegen/object.h"
#include "codegen/optimize.h"
#include "ir/check.h"
#include "test/codegen/checks.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

namespace nnc {
namespace {

/// Where the strides come from.
enum class StrideForm {
  Constant,   ///< All known: row stride of A 512, packed B.
  RowMajor,   ///< A's rows by a runtime stride, packed B.
  Transposed, ///< A's k by a runtime stride, packed B.
  Runtime     ///< All of A and B by runtime strides.
};
constexpr const char *formNames[] = {"constant", "row-major", "transposed",
                                     "runtime"};

struct Case {
  const Target *target;
  TileShape tile;
  bool isDouble = false;
  StrideForm form = StrideForm::RowMajor;
};

/// The arguments of the compiled function, all i64 after the pointers.
using Compiled = void (*)(const void *a, const void *b, void *c, int64_t depth,
                          int64_t aRow, int64_t aDepth, int64_t bPanel,
                          int64_t bDepth, int64_t cRow, int64_t cPanel,
                          int64_t batch, int64_t aBatch, int64_t bBatch);

constexpr int64_t constantDepth = 256;

std::unique_ptr<llvm::Module> build(llvm::LLVMContext &context,
                                    const Case &test) {
  auto module = std::make_unique<llvm::Module>("kernel", context);
  llvm::IRBuilder<> b(context);
  llvm::Type *element = test.isDouble ? b.getDoubleTy() : b.getFloatTy();
  llvm::SmallVector<llvm::Type *> types(3, b.getPtrTy());
  types.append(10, b.getInt64Ty());
  auto *f = llvm::Function::Create(
      llvm::FunctionType::get(b.getVoidTy(), types, false),
      llvm::GlobalValue::ExternalLinkage, "f", *module);
  f->addFnAttr(llvm::Attribute::NoUnwind);
  for (unsigned i = 0; i < 3; ++i)
    f->addParamAttr(i, llvm::Attribute::NoAlias);
  b.SetInsertPoint(llvm::BasicBlock::Create(context, "", f));
  auto argument = [&](unsigned i) -> llvm::Value * { return f->getArg(i); };
  auto number = [&](int64_t v) -> llvm::Value * { return b.getInt64(v); };
  int64_t lanes = test.tile.lanes;
  MicroKernel kernel;
  kernel.element = element;
  kernel.tile = test.tile;
  kernel.depth = argument(3);
  kernel.a = {argument(0), argument(4), number(1), {argument(11)}};
  kernel.b = {argument(1),
              number(constantDepth * lanes),
              number(lanes),
              {argument(12)}};
  kernel.batchCounts = {argument(10)};
  if (test.form == StrideForm::Constant)
    kernel.a.tileStride = number(constantDepth);
  if (test.form == StrideForm::Transposed) {
    kernel.a.tileStride = number(1);
    kernel.a.depthStride = argument(5);
  }
  if (test.form == StrideForm::Runtime) {
    kernel.a.depthStride = argument(5);
    kernel.b.tileStride = argument(6);
    kernel.b.depthStride = argument(7);
  }
  kernel.init =
      loadTile(b, element, test.tile, argument(2), argument(8), argument(9));
  emitMicroKernel(b, *test.target, kernel,
                  [&](llvm::IRBuilderBase &builder, unsigned row,
                      unsigned panel, llvm::Value *accumulator) {
                    storeTile(builder, element, row, panel, accumulator,
                              argument(2), argument(8), argument(9));
                  });
  b.CreateRetVoid();
  auto machine = createTargetMachine(*test.target);
  module->setDataLayout(machine->createDataLayout());
  optimizeModule(*module, *machine, OptimizationLevel::O2);
  return module;
}

std::string assembly(const Case &test) {
  llvm::LLVMContext context;
  auto module = build(context, test);
  return emitAssembly(*module, *createTargetMachine(*test.target));
}

/// The instructions of the innermost loop: from the last label before the last
/// multiplication up to the jump back.
std::vector<llvm::StringRef> innerLoop(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  size_t last = 0;
  for (size_t i = 0; i < lines.size(); ++i)
    if (lines[i].contains("\tvfmadd") || lines[i].contains("\tmulp"))
      last = i;
  size_t first = last;
  while (first > 0 && !lines[first].starts_with(".LBB"))
    --first;
  std::vector<llvm::StringRef> loop;
  for (size_t i = first + 1; i < lines.size(); ++i) {
    if (lines[i].trim().starts_with("#"))
      continue;
    loop.push_back(lines[i]);
    if (lines[i].starts_with("\tj"))
      break;
  }
  return loop;
}

Compiled compile(Jit &jit, const Case &test) {
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = build(*context, test);
  Status status = jit.add(std::move(module), std::move(context));
  void *address = nullptr;
  if (status.ok())
    status = jit.lookup("f", address);
  check(status.ok(), status.message().c_str());
  return reinterpret_cast<Compiled>(address);
}

/// Against a loop in double; the inputs are small integers, so that every sum
/// is exact and the results must agree bit by bit.
template <typename T> bool isRight(Compiled f, const Case &test) {
  auto [rows, panels, lanes] = test.tile;
  bool transposed = test.form == StrideForm::Transposed;
  int64_t depth = constantDepth, batch = 2;
  int64_t aRow = transposed ? 1 : depth, aDepth = transposed ? rows : 1;
  int64_t aBatch = rows * depth, bPanel = depth * lanes,
          bBatch = panels * bPanel, cRow = panels * lanes;
  std::vector<T> a(batch * aBatch), b(batch * bBatch), c(rows * cRow), wanted;
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<T>(static_cast<int>(i * 7 % 11) - 5);
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = static_cast<T>(static_cast<int>(i * 5 % 13) - 6);
  for (size_t i = 0; i < c.size(); ++i)
    c[i] = static_cast<T>(i % 17);
  wanted = c;
  for (unsigned m = 0; m < rows; ++m)
    for (unsigned p = 0; p < panels; ++p)
      for (unsigned l = 0; l < lanes; ++l)
        for (int64_t n = 0; n < batch; ++n)
          for (int64_t k = 0; k < depth; ++k)
            wanted[m * cRow + p * lanes + l] +=
                a[n * aBatch + m * aRow + k * aDepth] *
                b[n * bBatch + p * bPanel + k * lanes + l];
  f(a.data(), b.data(), c.data(), depth, aRow, aDepth, bPanel, lanes, cRow,
    lanes, batch, aBatch, bBatch);
  return std::memcmp(c.data(), wanted.data(), c.size() * sizeof(T)) == 0;
}

double gigaflops(Compiled f, const Case &test) {
  auto [rows, panels, lanes] = test.tile;
  int64_t depth = constantDepth;
  size_t size = test.isDouble ? 8 : 4;
  std::vector<char> a(rows * depth * size + 64),
      b(panels * depth * lanes * size + 64),
      c(rows * panels * lanes * size + 64);
  auto align = [](std::vector<char> &v) {
    return v.data() + (-reinterpret_cast<uintptr_t>(v.data()) & 63);
  };
  int64_t work = 2ll * rows * panels * lanes * depth;
  int64_t calls = 40'000'000 / work + 1;
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    auto start = std::chrono::steady_clock::now();
    for (int64_t i = 0; i < calls; ++i)
      f(align(a), align(b), align(c), depth, depth, 1, depth * lanes, lanes,
        panels * lanes, lanes, 1, 0, 0);
    std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(work * calls) / time.count());
  }
  return best / 1e9;
}

std::string describe(const Case &test) {
  return llvm::formatv("{0} {1} {2}x{3}x{4} {5}", test.target->name,
                       test.isDouble ? "f64" : "f32", test.tile.rows,
                       test.tile.panels, test.tile.lanes,
                       formNames[static_cast<int>(test.form)])
      .str();
}

bool checkOne(const Case &test) {
  std::string text = assembly(test);
  bool ok = true;
  // Without a frame, rbp is a register like others.
  bool framed = text.find("%rsp, %rbp") != std::string::npos;
  for (llvm::StringRef line : innerLoop(text))
    if (line.contains("rsp") || (framed && line.contains("(%rbp"))) {
      std::printf("%s: stack access:%s\n", describe(test).c_str(),
                  line.str().c_str());
      ok = false;
    }
  if (llvm::StringRef(text).contains("call")) {
    std::printf("%s: a call\n", describe(test).c_str());
    ok = false;
  }
  if (hostSupports(*test.target)) {
    Jit jit(*test.target, OptimizationLevel::O2);
    Compiled f = compile(jit, test);
    if (!(test.isDouble ? isRight<double>(f, test) : isRight<float>(f, test))) {
      std::printf("%s: wrong result\n", describe(test).c_str());
      ok = false;
    }
  }
  return ok;
}

/// TARGET f32|f64 ROWS PANELS LANES FORM
bool parse(Arguments arguments, Case &test) {
  if (arguments.size() != 6 || !(test.target = findTarget(arguments[0])))
    return false;
  test.isDouble = arguments[1] == "f64";
  for (size_t i = 0; i < std::size(formNames); ++i)
    if (arguments[5] == formNames[i])
      test.form = static_cast<StrideForm>(i);
  return !arguments[2].getAsInteger(10, test.tile.rows) &&
         !arguments[3].getAsInteger(10, test.tile.panels) &&
         !arguments[4].getAsInteger(10, test.tile.lanes);
}

} // namespace

int checkMicroKernels(Arguments arguments) {
  const Target *target =
      arguments.size() == 1 ? findTarget(arguments[0]) : nullptr;
  if (!target)
    return 1;
  int bad = 0, count = 0;
  for (bool isDouble : {false, true}) {
    auto list = isDouble ? target->f64Tiles : target->f32Tiles;
    llvm::SmallVector<TileShape> tiles(list.begin(), list.end());
    // Balanced remainders use every height below the largest.
    for (unsigned rows = 1; rows < list.front().rows; ++rows)
      tiles.push_back({rows, list.front().panels, list.front().lanes});
    for (TileShape tile : tiles)
      for (size_t form = 0; form < std::size(formNames); ++form) {
        ++count;
        bad +=
            !checkOne({target, tile, isDouble, static_cast<StrideForm>(form)});
      }
  }
  std::printf("%d micro-kernels, %d bad\n", count, bad);
  return bad != 0;
}

int printMicroKernel(Arguments arguments) {
  Case test;
  if (!parse(arguments, test))
    return 1;
  std::string text = assembly(test); // The lines are parts of it.
  for (llvm::StringRef line : innerLoop(text))
    std::printf("%s\n", line.str().c_str());
  return 0;
}

int timeMicroKernel(Arguments arguments) {
  Case test;
  if (!parse(arguments, test))
    return 1;
  Jit jit(*test.target, OptimizationLevel::O2);
  Compiled f = compile(jit, test);
  bool spills = false;
  std::string text = assembly(test);
  for (llvm::StringRef line : innerLoop(text))
    spills |= line.contains("rsp");
  std::printf("%s: %.1f GFLOP/s%s\n", describe(test).c_str(),
              gigaflops(f, test), spills ? ", spills" : "");
  return 0;
}

} // namespace nnc
