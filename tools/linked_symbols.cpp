#include "tools/linked_symbols.h"

#include "runtime/call_list.h"

extern "C" {
void nnrt_brgemm_f32_v1();
void nnrt_brgemm_beside_f32_v1();
void nnrt_brgemm_f64_v1();
void nnrt_brgemm_beside_f64_v1();
void nnrt_brgemm_f32_v3();
void nnrt_brgemm_beside_f32_v3();
void nnrt_brgemm_f64_v3();
void nnrt_brgemm_beside_f64_v3();
void nnrt_brgemm_f32_v4();
void nnrt_brgemm_beside_f32_v4();
void nnrt_brgemm_f64_v4();
void nnrt_brgemm_beside_f64_v4();
}

namespace nnc {

std::vector<RuntimeSymbol> linkedSymbols() {
  auto address = [](auto *function) {
    return reinterpret_cast<void *>(function);
  };
  return {{"nnrt_brgemm_f32_v1", address(nnrt_brgemm_f32_v1)},
          {"nnrt_brgemm_beside_f32_v1", address(nnrt_brgemm_beside_f32_v1)},
          {"nnrt_brgemm_f64_v1", address(nnrt_brgemm_f64_v1)},
          {"nnrt_brgemm_beside_f64_v1", address(nnrt_brgemm_beside_f64_v1)},
          {"nnrt_brgemm_f32_v3", address(nnrt_brgemm_f32_v3)},
          {"nnrt_brgemm_beside_f32_v3", address(nnrt_brgemm_beside_f32_v3)},
          {"nnrt_brgemm_f64_v3", address(nnrt_brgemm_f64_v3)},
          {"nnrt_brgemm_beside_f64_v3", address(nnrt_brgemm_beside_f64_v3)},
          {"nnrt_brgemm_f32_v4", address(nnrt_brgemm_f32_v4)},
          {"nnrt_brgemm_beside_f32_v4", address(nnrt_brgemm_beside_f32_v4)},
          {"nnrt_brgemm_f64_v4", address(nnrt_brgemm_f64_v4)},
          {"nnrt_brgemm_beside_f64_v4", address(nnrt_brgemm_beside_f64_v4)},
          {"nnrt_make_calls", address(nnrt_make_calls)}};
}

} // namespace nnc
