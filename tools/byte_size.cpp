#include "tools/byte_size.h"

#include <charconv>
#include <utility>

namespace nnc {

std::optional<int64_t> parseByteSize(std::string_view text) {
  static constexpr std::pair<std::string_view, double> units[] = {
      {"", 1},     {"B", 1},        {"kB", 1e3},     {"MB", 1e6},
      {"GB", 1e9}, {"KiB", 1024.0}, {"MiB", 0x1p20}, {"GiB", 0x1p30}};
  double number = 0; // Stays where there is none.
  const char *end = text.data() + text.size();
  auto parsed =
      std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string_view unit(parsed.ptr, static_cast<size_t>(end - parsed.ptr));
  for (const auto &[name, factor] : units)
    // Also false for a NaN.
    if (double bytes = number * factor;
        unit == name && bytes >= 1 && bytes < 0x1p62)
      return static_cast<int64_t>(bytes);
  return std::nullopt;
}

} // namespace nnc
