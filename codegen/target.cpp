//===- codegen/target.cpp - The instruction sets nnc compiles for ---------===//
#include "codegen/target.h"

#include "ir/check.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

namespace nnc {
namespace {

constexpr TileShape baselineF32[] = {{2, 1, 16}, {1, 1, 16}};
constexpr TileShape baselineF64[] = {{2, 1, 8}, {1, 1, 8}};
constexpr TileShape v3F32[] = {{6, 1, 16}, {4, 1, 16}, {2, 1, 16}, {1, 1, 16}};
constexpr TileShape v3F64[] = {{6, 1, 8}, {4, 1, 8}, {2, 1, 8}, {1, 1, 8}};
constexpr TileShape v4F32[] = {
    {14, 2, 16}, {8, 2, 16}, {4, 2, 16}, {2, 4, 16}, {1, 4, 16}};
constexpr TileShape v4F64[] = {
    {14, 2, 8}, {8, 2, 8}, {4, 2, 8}, {2, 4, 8}, {1, 4, 8}};

// 24 accumulators, 4 vectors of B and one of A fill 29 of 32 registers.
constexpr TileShape neonF32[] = {
    {6, 1, 16}, {4, 1, 16}, {2, 1, 16}, {1, 1, 16}};
constexpr TileShape neonF64[] = {{6, 1, 8}, {4, 1, 8}, {2, 1, 8}, {1, 1, 8}};

constexpr const char *x86Linux = "x86_64-unknown-linux-gnu";
constexpr Target baseline = {.name = "x86-64",
                             .triple = x86Linux,
                             .cpu = "x86-64",
                             .features = "",
                             .hasFma = false,
                             .hasMasks = false,
                             .hasRounding = false,
                             .hasScaling = false,
                             .vectorBytes = 16,
                             .registers = 16,
                             .f32Tiles = baselineF32,
                             .f64Tiles = baselineF64};
constexpr Target v3 = {.name = "x86-64-v3",
                       .triple = x86Linux,
                       .cpu = "x86-64-v3",
                       .features = "",
                       .hasFma = true,
                       .hasMasks = true,
                       .hasRounding = true,
                       .hasScaling = false,
                       .vectorBytes = 32,
                       .registers = 16,
                       .f32Tiles = v3F32,
                       .f64Tiles = v3F64};
// LLVM's x86-64-v4 prefers 256-bit vectors, and would split ours in two.
constexpr Target v4 = {.name = "x86-64-v4",
                       .triple = x86Linux,
                       .cpu = "x86-64-v4",
                       .features = "-prefer-256-bit",
                       .hasFma = true,
                       .hasMasks = true,
                       .hasRounding = true,
                       .hasScaling = true,
                       .vectorBytes = 64,
                       .registers = 32,
                       .f32Tiles = v4F32,
                       .f64Tiles = v4F64};
constexpr Target aarch64 = {.name = "aarch64",
                            .triple = "aarch64-unknown-linux-gnu",
                            .cpu = "generic",
                            .features = "+neon",
                            .hasFma = true,
                            .hasMasks = false,
                            .hasRounding = true,
                            .hasScaling = false,
                            .vectorBytes = 16,
                            .registers = 32,
                            .f32Tiles = neonF32,
                            .f64Tiles = neonF64};

// What every engine of today has. No relaxed SIMD: whether its a * b + c rounds
// once is each machine's own affair. Registers are the engine's: x86-64's.
constexpr Target wasm32 = {.name = "wasm32",
                           .triple = "wasm32-unknown-wasi",
                           .cpu = "generic",
                           .features =
                               "+simd128,+bulk-memory,+nontrapping-fptoint",
                           .hasFma = false,
                           .hasMasks = false,
                           .hasRounding = true,
                           .hasScaling = false,
                           .vectorBytes = 16,
                           .registers = 16,
                           .f32Tiles = baselineF32,
                           .f64Tiles = baselineF64};

constexpr const Target *targets[] = {&baseline, &v3, &v4, &aarch64, &wasm32};

/// What the psABI's level asks for, as far as our code can meet it.
llvm::ArrayRef<const char *> requiredFeatures(const Target &target) {
  static constexpr const char *forV3[] = {"avx2", "bmi",   "bmi2", "f16c",
                                          "fma",  "lzcnt", "movbe"};
  static constexpr const char *forV4[] = {
      "avx2",  "bmi",     "bmi2",     "f16c",     "fma",      "lzcnt",
      "movbe", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"};
  if (&target == &v4)
    return forV4;
  if (&target == &v3)
    return forV3;
  // Of a family, the narrowest runs everywhere.
  return {};
}

} // namespace

llvm::ArrayRef<const Target *> allTargets() { return targets; }

llvm::StringRef familyOf(const Target &target) {
  return llvm::StringRef(target.triple).split('-').first;
}

static bool isHostFamily(const Target &target) {
  static const llvm::Triple host(llvm::sys::getProcessTriple());
  return llvm::Triple(target.triple).getArch() == host.getArch();
}

std::vector<const Target *> hostTargets() {
  std::vector<const Target *> found;
  llvm::copy_if(targets, std::back_inserter(found),
                [](const Target *each) { return isHostFamily(*each); });
  return found;
}

bool hostSupports(const Target &target) {
  if (!isHostFamily(target))
    return false;
  static const llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  return llvm::all_of(requiredFeatures(target),
                      [](const char *feature) { return host.lookup(feature); });
}

const Target &bestHostTarget() {
  const Target *best = hostTargets().front();
  for (const Target *target : targets)
    if (hostSupports(*target))
      best = target;
  return *best;
}

const Target *findTarget(llvm::StringRef march) {
  if (march == "native")
    return &bestHostTarget();
  for (const Target *target : targets)
    if (march == target->name)
      return target;
  return nullptr;
}

std::unique_ptr<llvm::TargetMachine>
createTargetMachine(const Target &target, OptimizationLevel level) {
  static const bool initialised = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
    LLVMInitializeWebAssemblyTargetInfo();
    LLVMInitializeWebAssemblyTarget();
    LLVMInitializeWebAssemblyTargetMC();
    LLVMInitializeWebAssemblyAsmPrinter();
    LLVMInitializeWebAssemblyAsmParser();
    // Which loops are reduced is for reduceLoops to say.
    auto *option = llvm::cl::getRegisteredOptions().lookup("disable-lsr");
    check(option, "LLVM has its option for strength reduction");
    static_cast<llvm::cl::opt<bool> *>(option)->setValue(true);
    return true;
  }();
  check(initialised, "LLVM's back ends are there");
  std::string error;
  const llvm::Target *llvmTarget =
      llvm::TargetRegistry::lookupTarget(target.triple, error);
  if (!llvmTarget)
    internalError("LLVM: " + error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Strict;
  // The linker drops what a program does not call.
  options.FunctionSections = true;
  static constexpr llvm::CodeGenOptLevel levels[] = {
      llvm::CodeGenOptLevel::None, llvm::CodeGenOptLevel::Less,
      llvm::CodeGenOptLevel::Default, llvm::CodeGenOptLevel::Aggressive};
  // A WebAssembly module's memory begins at 0.
  auto model = llvm::Triple(target.triple).isWasm() ? llvm::Reloc::Static
                                                    : llvm::Reloc::PIC_;
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget->createTargetMachine(
      target.triple, target.cpu, target.features, options, model, std::nullopt,
      levels[static_cast<int>(level)]));
}

} // namespace nnc
