#include "frontend/source.h"

#include <algorithm>
#include <fstream>

namespace nnc {

SourceFile::SourceFile(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  lineStarts.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n')
      lineStarts.push_back(static_cast<uint32_t>(i + 1));
  uint32_t count = 0;
  for (size_t i = 0; i < text_.size(); ++i) {
    if (i % blockSize == 0)
      charactersBefore.push_back(count);
    count += !isContinuationByte(text_[i]);
  }
  charactersBefore.push_back(count);
}

uint32_t SourceFile::characters(uint32_t begin, uint32_t end) const {
  if (end - begin >= 2 * blockSize) {
    uint32_t first = begin / blockSize + 1, last = end / blockSize;
    return characters(begin, first * blockSize) + charactersBefore[last] -
           charactersBefore[first] + characters(last * blockSize, end);
  }
  uint32_t count = 0;
  for (uint32_t i = begin; i < end; ++i)
    count += !isContinuationByte(text_[i]);
  return count;
}

LineColumn SourceFile::lineColumn(uint32_t offset) const {
  offset = std::min(offset, static_cast<uint32_t>(text_.size()));
  auto next = std::upper_bound(lineStarts.begin(), lineStarts.end(), offset);
  auto line = static_cast<uint32_t>(next - lineStarts.begin());
  return {line, 1 + characters(lineStarts[line - 1], offset)};
}

std::string_view SourceFile::line(uint32_t number) const {
  if (number == 0 || number > lineStarts.size())
    return {};
  size_t begin = lineStarts[number - 1];
  size_t end =
      number < lineStarts.size() ? lineStarts[number] - 1 : text_.size();
  if (end > begin && text_[end - 1] == '\r')
    --end;
  return std::string_view(text_).substr(begin, end - begin);
}

uint32_t SourceManager::add(std::string name, std::string text) {
  files.push_back(
      std::make_unique<SourceFile>(std::move(name), std::move(text)));
  return static_cast<uint32_t>(files.size() - 1);
}

uint32_t SourceManager::load(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  // Reading from a directory opens, and then fails.
  if (!stream || stream.peek() == std::ifstream::traits_type::eof())
    if (!stream.eof())
      return Loc::none;
  // What is longer is refused (text_check.cpp), and a device has no end.
  char part[1 << 16];
  while (text.size() <= maxText &&
         (stream.read(part, sizeof part), stream.gcount() > 0))
    text.append(part, static_cast<size_t>(stream.gcount()));
  return add(path, std::move(text));
}

LineColumn SourceManager::lineColumn(Loc where) const {
  return where.valid() ? files[where.file]->lineColumn(where.offset)
                       : LineColumn{};
}

} // namespace nnc
