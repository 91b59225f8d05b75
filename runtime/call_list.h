//===- runtime/call_list.h - A long list of calls, as data ----------------===//
//
// A function of a deep network calls thousands of kernels, one after the
// other. As code they would take the compiler longer than the kernels
// themselves, which are few, since layers are alike. So nnc writes them as a
// table (codegen/call_list.h).
//
//===----------------------------------------------------------------------===//
#ifndef NNRT_CALL_LIST_H
#define NNRT_CALL_LIST_H

#include <cstdint>

namespace nnrt {

class Team; // runtime/threads.h

/// What a kernel is told: the place of an array, or a size.
union Operand {
  void *array;
  int64_t number;
};

struct CallList {
  /// A kernel with more operands is called by code.
  static constexpr int32_t mostOperands = 32;

  /// What an item begins with. The rest of its words follow.
  enum Item : int32_t {
    End,
    Call,    ///< A kernel's index, the number of its operands, these.
    Barrier, ///< Nothing more.
    Trace,   ///< An array, its element type, a text, the number of factors,
             ///< these: their product is the number of elements.
  };
  /// Where an operand is: the last two bits of its word; the others are an
  /// index. Buffers and dims are those of Function::run.
  enum Place : int32_t { Buffer, Dim, Pointer, Number };

  struct Kernel {
    using Code = void();
    /// Kernels with operands of the same kinds have the same.
    void (*call)(Code *code, void *scratch, int64_t thread, int64_t threads,
                 Team *team, const Operand *operands);
    Code *code;
  };

  const int32_t *words;
  const Kernel *kernels;
  void *const *pointers; ///< Constants and texts.
  const int64_t *numbers;
};

} // namespace nnrt

/// Makes the calls of `list`; the rest is what Function::run is given.
extern "C" void nnrt_make_calls(const nnrt::CallList *list,
                                void *const *buffers, const int64_t *dims,
                                void *scratch, int32_t thread, int32_t threads,
                                nnrt::Team *team);

#endif // NNRT_CALL_LIST_H
