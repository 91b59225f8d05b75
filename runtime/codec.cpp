//===- runtime/codec.cpp --------------------------------------------------===//
#include "runtime/codec.h"

#include <cinttypes>
#include <cstring>

namespace nnrt {

bool readsText(const Program &program) {
  for (int32_t i = 0; i < program.sourceCount; ++i)
    if (program.sources[i].kind == SourceKind::Text)
      return true;
  return false;
}

static bool isWhole(const Slot &slot) {
  return slot.elem == ElemType::I32 || slot.elem == ElemType::I64;
}

bool canHoldText(const Slot &slot) { return isWhole(slot) && slot.rank > 0; }

bool givesText(const Function &function, const Slot &result) {
  for (int32_t i = 0; i < function.argCount; ++i) {
    const Slot &slot = function.args[i];
    if (slot.kind == SlotKind::Input && isWhole(slot) &&
        slot.rank > result.rank)
      return false;
  }
  return canHoldText(result);
}

bool encode(const char *bytes, int64_t length, Tensor &tensor, Error &error) {
  tensor.type = RawType::U8;
  tensor.shape = {1, {length}};
  if (!tensor.allocate("a text", error))
    return false;
  if (length)
    std::memcpy(tensor.storage.data(), bytes, size_t(length));
  return true;
}

bool decode(const char *name, RawType type, const void *data,
            const int64_t *extents, int32_t rank, Text &text, Error &error) {
  int64_t length = extents[rank - 1], rows = elementCount(extents, rank - 1);
  for (int64_t row = 0; row < rows; ++row) {
    Text line;
    int64_t end = 0;
    for (int64_t i = 0; i < length; ++i) {
      double value = elementAsDouble(type, data, row * length + i);
      if (value < 0 || value > 255)
        return error.set("%s holds %.0f, which is no byte of a text; --format "
                         "literal shows numbers",
                         name, value);
      char byte = char(value);
      line.append(&byte, 1);
      end = byte ? i + 1 : end;
    }
    text.append(line.c_str(), end);
    if (!end || line.c_str()[end - 1] != '\n')
      text.append("\n");
  }
  return true;
}

} // namespace nnrt
