//===- source.h: the text of the program's files, and places in it --------===//
#ifndef NNC_FRONTEND_SOURCE_H
#define NNC_FRONTEND_SOURCE_H

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nnc {

/// A place in the source: a file of the SourceManager and a byte offset.
struct Loc {
  static constexpr uint32_t none = ~uint32_t(0);
  uint32_t file = none;
  uint32_t offset = 0;

  bool valid() const { return file != none; }
  bool operator==(const Loc &) const = default;
};

/// Line and column as a reader counts them: from 1, columns in characters
/// (UTF-8 code points), not bytes.
struct LineColumn {
  uint32_t line = 0;
  uint32_t column = 0;
};

/// One file: its name as the user gave it, its bytes, and its lines.
class SourceFile {
public:
  SourceFile(std::string name, std::string text);

  const std::string &name() const { return name_; }
  const std::string &text() const { return text_; }
  LineColumn lineColumn(uint32_t offset) const;
  /// The text of a line counted from 1, without its line end.
  std::string_view line(uint32_t number) const;

private:
  std::string name_;
  std::string text_;
  /// How many characters these bytes are.
  uint32_t characters(uint32_t begin, uint32_t end) const;

  static constexpr uint32_t blockSize = 1024;
  std::vector<uint32_t> lineStarts;
  /// Before each block of the text: a program may be one long line, and each
  /// place in it wants its column.
  std::vector<uint32_t> charactersBefore;
};

/// All files of one compilation. A file's id never changes.
class SourceManager {
public:
  /// A file of more bytes is read so far that this shows.
  static constexpr size_t maxText = 1u << 28;

  uint32_t add(std::string name, std::string text);
  /// Reads a file from disk. Returns Loc::none if it cannot be read.
  uint32_t load(const std::string &path);

  size_t size() const { return files.size(); }
  const SourceFile &file(uint32_t id) const { return *files[id]; }
  LineColumn lineColumn(Loc where) const;

private:
  std::vector<std::unique_ptr<SourceFile>> files;
};

/// True if a byte continues a UTF-8 character that an earlier one began.
inline bool isContinuationByte(char byte) { return (byte & 0xC0) == 0x80; }

} // namespace nnc

#endif // NNC_FRONTEND_SOURCE_H
