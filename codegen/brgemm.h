//===- codegen/brgemm.h - The micro-kernels that every program shares -----===//
//
// A function for each element type and instruction set does the loop IR's
// `brgemm`; another one prefetches meanwhile what is read beside C, and is
// large: most programs do without. They are compiled when nnc is built
// (tools/nnc_kernels.cpp) and linked into built programs and into nnc itself,
// so that compiling a network compiles none of them.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_CODEGEN_BRGEMM_H
#define NNC_CODEGEN_BRGEMM_H

#include "codegen/target.h"
#include "ir/type.h"

#include "llvm/IR/Module.h"

#include <string>

namespace nnc {

/// What the function is told, as an array of i64 in this order.
enum BrgemmField : unsigned {
  BrgemmRows,
  BrgemmPanels, ///< Of 16 columns.
  BrgemmARow,
  BrgemmBPanel,
  BrgemmCRow,
  BrgemmCount0, ///< The summed axes, outermost first.
  BrgemmCount1,
  BrgemmDepth,
  BrgemmA0,
  BrgemmA1,
  BrgemmADepth,
  BrgemmB0,
  BrgemmB1,
  BrgemmBDepth,
  BrgemmAdds,        ///< Not 0: go on from what C holds.
  BrgemmBesideCount, ///< Of what is read at the places of C afterwards.
  BrgemmBesideRow,
  BrgemmBeside, ///< Up to four addresses, where C starts.
  BrgemmFields = BrgemmBeside + 4
};

/// Which function: the plain one looks at no field about what is beside.
enum class Brgemm { Plain, Beside };
constexpr unsigned fieldsOf(Brgemm kind) {
  return kind == Brgemm::Plain ? BrgemmBesideCount : BrgemmFields;
}

/// "nnrt_brgemm_f32_v4", "nnrt_brgemm_beside_f32_v4"
std::string brgemmName(const Target &target, Elem elem,
                       Brgemm kind = Brgemm::Plain);
/// `void name(const T *a, const T *b, T *c, const int64_t *fields)`
llvm::Function *declareBrgemm(llvm::Module &module, const Target &target,
                              Elem elem, Brgemm kind = Brgemm::Plain);
/// Defines it: any number of rows and panels, in tiles of the target's sizes.
void defineBrgemm(llvm::Module &module, const Target &target, Elem elem,
                  Brgemm kind);
/// The rows and columns of the best tile: what a schedule should choose.
int64_t brgemmTileRows(const Target &target, Elem elem);
int64_t brgemmTileColumns(const Target &target, Elem elem);

} // namespace nnc

#endif // NNC_CODEGEN_BRGEMM_H
