//===- codegen/optimize.cpp - The list of LLVM passes ---------------------===//
//
// Loop IR is already tiled, vectorised and fused, so LLVM's part is small:
// clean up addresses and scalars. Its default pipelines do harm here: they
// unroll the micro-kernel's loop when the strides are runtime values, and what
// was 28 accumulators in registers is then spilled (268 to 150 GFLOP/s). So
// the passes are named one by one, and no list has unrolling, SLP or loop
// vectorisation in it.
//
//===----------------------------------------------------------------------===//
#include "codegen/optimize.h"

#include "ir/check.h"

#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

namespace nnc {

static const char *functionPasses(OptimizationLevel level) {
  switch (level) {
  case OptimizationLevel::O0:
    return "";
  case OptimizationLevel::O1:
    return "function(sroa,early-cse,simplifycfg,instcombine<no-verify-"
           "fixpoint>)";
  case OptimizationLevel::O2:
    return "globaldce,"
           "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-"
           "fixpoint>,"
           "loop-mssa(loop-simplifycfg,licm),instcombine<no-verify-fixpoint>,"
           "simplifycfg,early-cse)";
  case OptimizationLevel::O3:
    return "cgscc(inline),globaldce,"
           "function(sroa,early-cse<memssa>,simplifycfg,instcombine<no-verify-"
           "fixpoint>,"
           "reassociate,loop-mssa(loop-simplifycfg,licm),gvn,dse,"
           "instcombine<no-verify-fixpoint>,adce,simplifycfg,early-cse)";
  }
  internalError("optimisation level");
}

void checkModule(const llvm::Module &module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  if (llvm::verifyModule(module, &stream))
    internalError("LLVM rejects the generated module: " + text);
}

/// The pass managers themselves do not look at `optnone`.
static bool isWorthwhile(llvm::StringRef, llvm::Any unit) {
  if (const auto *function = llvm::any_cast<const llvm::Function *>(&unit))
    return !(*function)->hasOptNone();
  return true;
}

static void runLlvmPasses(llvm::Module &module, llvm::TargetMachine &machine,
                          llvm::StringRef list) {
  if (list.empty())
    return;
  WorkInHand work("optimising the LLVM module");
  llvm::PassInstrumentationCallbacks callbacks;
  callbacks.registerShouldRunOptionalPassCallback(isWorthwhile);
  llvm::PassBuilder builder(&machine, {}, std::nullopt, &callbacks);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  llvm::ModulePassManager passes;
  if (llvm::Error error = builder.parsePassPipeline(passes, list))
    internalError("LLVM pass list: " + llvm::toString(std::move(error)));
  passes.run(module, modules);
}

void inlineFunctions(llvm::Module &module, llvm::TargetMachine &machine) {
  checkModule(module);
  runLlvmPasses(module, machine, "always-inline");
}

void optimizeFunctions(llvm::Module &module, llvm::TargetMachine &machine,
                       OptimizationLevel level) {
  runLlvmPasses(module, machine, functionPasses(level));
}

static constexpr llvm::StringLiteral asTheyAre = "nnc.loops.as.they.are";

void leaveLoops(llvm::Module &module) {
  module.getOrInsertNamedMetadata(asTheyAre);
}

void reduceLoops(llvm::Module &module, llvm::TargetMachine &machine) {
  if (machine.getOptLevel() != llvm::CodeGenOptLevel::None &&
      !module.getNamedMetadata(asTheyAre))
    runLlvmPasses(module, machine, "function(loop(loop-reduce))");
}

void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine,
                    OptimizationLevel level) {
  inlineFunctions(module, machine);
  optimizeFunctions(module, machine, level);
}

} // namespace nnc
