#include "runtime/call_list.h"
#include "runtime/generated_code.h"

namespace nnrt {

namespace {

/// The words of a list, one after the other, and what they stand for.
struct Reader {
  const CallList &list;
  void *const *buffers;
  const int64_t *dims;
  const int32_t *next = list.words;

  int32_t word() { return *next++; }

  Operand operand() {
    int32_t word = this->word(), index = word >> 2;
    switch (static_cast<CallList::Place>(word & 3)) {
    case CallList::Buffer:
      return {.array = buffers[index]};
    case CallList::Dim:
      return {.number = dims[index]};
    case CallList::Pointer:
      return {.array = list.pointers[index]};
    case CallList::Number:
      return {.number = list.numbers[index]};
    }
    __builtin_unreachable();
  }
};

} // namespace

static void trace(Reader &reader) {
  const void *data = reader.operand().array;
  int32_t elem = reader.word();
  auto *text = static_cast<const char *>(reader.operand().array);
  int64_t elements = 1;
  for (int32_t factors = reader.word(); factors; --factors)
    elements *= reader.operand().number;
  if (nnrt_tracing)
    nnrt_trace(data, elements, elem, text);
}

} // namespace nnrt

extern "C" void nnrt_make_calls(const nnrt::CallList *list,
                                void *const *buffers, const int64_t *dims,
                                void *scratch, int32_t thread, int32_t threads,
                                nnrt::Team *team) {
  using nnrt::CallList;
  nnrt::Operand operands[CallList::mostOperands];
  nnrt::Reader reader{*list, buffers, dims};
  for (;;)
    switch (static_cast<CallList::Item>(reader.word())) {
    case CallList::End:
      return;
    case CallList::Call: {
      const CallList::Kernel &kernel = list->kernels[reader.word()];
      int32_t count = reader.word();
      for (int32_t i = 0; i < count; ++i)
        operands[i] = reader.operand();
      kernel.call(kernel.code, scratch, thread, threads, team, operands);
      break;
    }
    case CallList::Barrier:
      if (team)
        nnrt_barrier(team);
      break;
    case CallList::Trace:
      nnrt::trace(reader);
      break;
    }
}
