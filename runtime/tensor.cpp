//===- runtime/tensor.cpp -------------------------------------------------===//
#include "runtime/tensor.h"
#include "runtime/finite.h"

#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <type_traits>

namespace nnrt {

int64_t rawSize(RawType type) {
  constexpr int64_t sizes[] = {1, 1, 1, 2, 2, 4, 8, 4, 8};
  return sizes[int(type)];
}

const char *typeName(RawType type) {
  const char *const names[] = {"bool", "u8",  "i8",  "i16", "u16",
                               "i32",  "i64", "f32", "f64"};
  return names[int(type)];
}

RawType rawType(ElemType type) {
  constexpr RawType types[] = {RawType::Bool, RawType::I32, RawType::I64,
                               RawType::F32, RawType::F64};
  return types[int(type)];
}

const char *typeName(ElemType type) { return typeName(rawType(type)); }

Text typeText(const Slot &slot) {
  Text text(typeName(slot.elem));
  for (int32_t i = 0; i < slot.rank; ++i)
    text.append(i ? ", " : "[").append(slot.axes[i]);
  return std::move(text.append(slot.rank ? "]" : ""));
}

bool Examples::areIn(const Shape &shape, const char *path, Error &error) const {
  int64_t all = shape.rank ? shape.extents[0] : 0;
  return to < all || error.set("%s: example %" PRId64
                               " is out of range: there are %" PRId64,
                               path, to, all);
}

int64_t elementCount(const int64_t *extents, int64_t rank) {
  int64_t count = 1;
  for (int64_t i = 0; i < rank; ++i)
    count *= extents[i];
  return count;
}

bool Tensor::allocate(const char *what, Error &error) {
  int64_t bytes;
  if (!checkedProduct(shape.extents, shape.rank, rawSize(type), bytes))
    return error.set("%s: its size %s overflows", what,
                     shapeText(shape.extents, shape.rank).c_str());
  if (!storage.allocate(bytes, what, error))
    return false;
  data = storage.data();
  return true;
}

/// Calls `f` with a null pointer of the C++ type that `type` is stored as.
template <typename F> static auto dispatch(RawType type, F f) {
  switch (type) {
  case RawType::Bool:
  case RawType::U8:
    return f(static_cast<uint8_t *>(nullptr));
  case RawType::I8:
    return f(static_cast<int8_t *>(nullptr));
  case RawType::I16:
    return f(static_cast<int16_t *>(nullptr));
  case RawType::U16:
    return f(static_cast<uint16_t *>(nullptr));
  case RawType::I32:
    return f(static_cast<int32_t *>(nullptr));
  case RawType::I64:
    return f(static_cast<int64_t *>(nullptr));
  case RawType::F32:
    return f(static_cast<float *>(nullptr));
  case RawType::F64:
    break;
  }
  return f(static_cast<double *>(nullptr));
}

void convert(RawType from, const void *source, ElemType to, void *target,
             int64_t count) {
  if (from == rawType(to)) {
    if (count)
      std::memcpy(target, source, size_t(count * rawSize(from)));
    return;
  }
  if (from == RawType::U8 && to == ElemType::F32) {
    convertPixels(static_cast<const uint8_t *>(source),
                  static_cast<float *>(target), count);
    return;
  }
  dispatch(from, [&](auto *s) {
    using S = std::remove_pointer_t<decltype(s)>;
    const S *in = static_cast<const S *>(source);
    if (to == ElemType::Bool) {
      for (int64_t i = 0; i < count; ++i)
        static_cast<uint8_t *>(target)[i] = in[i] != 0;
      return;
    }
    dispatch(rawType(to), [&](auto *t) {
      using T = std::remove_pointer_t<decltype(t)>;
      T *out = static_cast<T *>(target);
      for (int64_t i = 0; i < count; ++i)
        out[i] = static_cast<T>(in[i]);
    });
  });
}

int64_t firstInconvertible(RawType from, const void *source, int64_t count,
                           ElemType to) {
  if (to == ElemType::F32 || to == ElemType::F64 || to == ElemType::Bool)
    return -1;
  if (from != RawType::F32 && from != RawType::F64 &&
      (from != RawType::I64 || to == ElemType::I64))
    return -1;
  // Powers of two, so exact: the bounds are -limit and limit - 1.
  double limit = to == ElemType::I32 ? 0x1p31 : 0x1p63;
  return dispatch(from, [&](auto *s) -> int64_t {
    using S = std::remove_pointer_t<decltype(s)>;
    const S *in = static_cast<const S *>(source);
    for (int64_t i = 0; i < count; ++i) {
      double value = static_cast<double>(in[i]);
      if (!(value >= -limit && value < limit) || value != std::trunc(value))
        return i;
    }
    return -1;
  });
}

int64_t firstNotFinite(RawType type, const void *data, int64_t count) {
  ElemType elem = type == RawType::F64 ? ElemType::F64 : ElemType::F32;
  if ((type != RawType::F32 && type != RawType::F64) ||
      allFinite(elem, data, count))
    return -1;
  int64_t i = 0;
  while (std::isfinite(elementAsDouble(type, data, i)))
    ++i;
  return i;
}

double elementAsDouble(RawType type, const void *data, int64_t index) {
  return dispatch(type, [&](auto *t) {
    using T = std::remove_pointer_t<decltype(t)>;
    return double(static_cast<const T *>(data)[index]);
  });
}

static void appendFloat(Text &text, double value, bool single) {
  char chars[40];
  for (int digits = 6; digits <= 17; ++digits) {
    std::snprintf(chars, sizeof chars, "%.*g", digits, value);
    double back = std::strtod(chars, nullptr);
    if (single ? float(back) == float(value) : back == value)
      break;
    if (value != value)
      break;
  }
  text.append(value != value ? "nan" : chars);
}

void appendElement(Text &text, RawType type, const void *data, int64_t index) {
  switch (type) {
  case RawType::Bool:
    text.append(static_cast<const uint8_t *>(data)[index] ? "true" : "false");
    return;
  case RawType::I64:
    text.format("%" PRId64, static_cast<const int64_t *>(data)[index]);
    return;
  case RawType::F32:
  case RawType::F64:
    appendFloat(text, elementAsDouble(type, data, index), type == RawType::F32);
    return;
  default: // Whole numbers of at most 32 bits.
    text.format("%" PRId64, int64_t(elementAsDouble(type, data, index)));
  }
}

void appendTensor(Text &text, RawType type, const void *data,
                  const int64_t *extents, int32_t rank) {
  int64_t count = elementCount(extents, rank);
  if (count == 0) {
    text.append("[]");
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    // Brackets open and close where the index of an outer axis turns.
    int32_t opened = 0;
    int64_t block = 1;
    for (int32_t axis = rank - 1; axis >= 0; --axis) {
      block *= extents[axis];
      opened += i % block == 0;
    }
    if (i && opened) {
      text.append(",\n");
      for (int32_t k = 0; k < rank - opened; ++k)
        text.append(" ");
    } else if (i) {
      text.append(", ");
    }
    for (int32_t k = 0; k < opened; ++k)
      text.append("[");
    appendElement(text, type, data, i);
    block = 1;
    for (int32_t axis = rank - 1; axis >= 0; --axis) {
      block *= extents[axis];
      if ((i + 1) % block == 0)
        text.append("]");
    }
  }
}

} // namespace nnrt
