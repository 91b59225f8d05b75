#include "frontend/format_pieces.h"

#include <algorithm>

namespace nnc {

// Note [Where a line ends]
// What the writer put on one line stays on one line if it fits: a block with
// its statements, several clauses, a list. Where the writer began a new line
// inside a statement, at a place where a space may stand or inside brackets, a
// new line stays. A line that is too long is broken (see below). So the result
// is laid out as itself.
//
// Note [Where a long line breaks]
// First the items that share it get lines of their own; then the blocks on it
// are opened, the outermost first. Then it breaks where that disturbs least: in
// few brackets, at a loose operator (Piece::Rank), and not far from its end.

namespace {

constexpr unsigned maxWidth = 100;
constexpr unsigned step = 2;

class Layout {
public:
  explicit Layout(const Pieces &pieces) : pieces(pieces) {}

  std::string run();

private:
  /// A line, and the comment at its end.
  struct Line {
    std::string text, comment;
    unsigned width = 0;
  };
  /// What is open where the layout stands: a block, an item in it, brackets.
  struct Frame {
    enum Kind { Block, Item, Brackets } kind;
    unsigned indent;      ///< Of a line that begins in it.
    unsigned closeIndent; ///< Of a line that begins with its end.
  };

  const Piece &at(size_t i) const { return pieces.all[i]; }
  const nnc::Item &itemOf(size_t i) const { return pieces.items[at(i).item]; }
  void startWithWritersLines();
  bool keepsWritersLine(size_t i) const;

  bool itemBreaks(size_t i) const;
  bool breaksBefore(size_t i) const;
  bool split(size_t begin, size_t end, unsigned indent);
  bool splitItems(size_t begin, size_t end);
  bool splitInside(size_t begin, size_t end, unsigned indent);

  unsigned spaceBefore(size_t i) const;
  /// How wide the pieces before `end` are on one line that begins at `begin`.
  unsigned width(size_t begin, size_t end) const {
    return flat[end - 1] - flat[begin] + at(begin).width;
  }
  unsigned indentOf(size_t i) const;
  unsigned commentIndent(size_t i) const;
  unsigned itemIndent() const;
  void enter(size_t i);
  void addComments(size_t i);
  void addLine(size_t begin, size_t end, unsigned indent);
  bool blankBefore(size_t i, unsigned line) const;
  std::string joined() const;

  const Pieces &pieces;
  std::vector<bool> inserted;  ///< A line begins with this piece.
  std::vector<bool> opened;    ///< This item's blocks are.
  std::vector<unsigned> flat;  ///< Where a piece would end on one line.
  std::vector<size_t> sibling; ///< The item before, in the same block.
  std::vector<size_t> partner; ///< Of brackets of every kind.
  std::vector<Frame> frames;
  std::vector<Line> lines;
  unsigned column = 0, lineIndent = 0;
  unsigned lastLine = 0; ///< Of the source: where the last thing stood.
};

} // namespace

constexpr size_t none = ~size_t(0);

unsigned Layout::spaceBefore(size_t i) const {
  bool first = i == 0 || at(i - 1).kind == Piece::BlockOpen;
  return pieces.beginsItem(i) && !first ? 2 : at(i).space;
}

bool Layout::keepsWritersLine(size_t i) const {
  const Piece &before = at(i - 1);
  if (at(i).line == before.line || pieces.isEmptyPair(i) ||
      at(i).kind == Piece::BlockOpen || at(i).text == "else")
    return false;
  return at(i).space || before.kind == Piece::Open ||
         at(i).kind == Piece::Close;
}

void Layout::startWithWritersLines() {
  size_t count = pieces.all.size();
  inserted.assign(count, false);
  sibling.assign(pieces.items.size(), none);
  partner.assign(count, none);
  flat.assign(count, 0);
  for (const nnc::Item &each : pieces.items)
    opened.push_back(at(each.begin).line != at(each.end - 1).line);
  std::vector<size_t> open;
  std::vector<size_t> last{none};
  for (size_t i = 0; i < count; ++i) {
    flat[i] = (i ? flat[i - 1] : 0) + spaceBefore(i) + at(i).width;
    Piece::Kind kind = at(i).kind;
    if (pieces.beginsItem(i)) {
      sibling[at(i).item] = last.back();
      last.back() = at(i).item;
    } else if (i > 0 && kind != Piece::BlockClose) {
      inserted[i] = keepsWritersLine(i);
    }
    if (kind == Piece::Open || kind == Piece::BlockOpen) {
      open.push_back(i);
      last.push_back(none);
    } else if (kind == Piece::Close || kind == Piece::BlockClose) {
      partner[i] = open.back();
      partner[open.back()] = i;
      open.pop_back();
      last.pop_back();
    }
  }
}

/// Whether the item that begins here does so on a line of its own.
bool Layout::itemBreaks(size_t i) const {
  if (i == 0 || inserted[i])
    return true;
  const Piece &before = at(i - 1);
  if (before.kind == Piece::BlockOpen)
    return opened[before.item];
  size_t previous = sibling[at(i).item];
  return previous == none ||
         at(pieces.items[previous].begin).line != at(i).line;
}

bool Layout::breaksBefore(size_t i) const {
  if (!at(i).comments.empty() || at(i).kind == Piece::End)
    return true;
  if (pieces.beginsItem(i))
    return itemBreaks(i);
  if (at(i).kind == Piece::BlockClose)
    return opened[at(i).item] && !pieces.isEmptyPair(i);
  return inserted[i];
}

/// Breaks a line that is too long; false if it cannot.
bool Layout::split(size_t begin, size_t end, unsigned indent) {
  return splitItems(begin, end) || splitInside(begin, end, indent);
}

/// The items that share a line, or the blocks that are on it.
bool Layout::splitItems(size_t begin, size_t end) {
  unsigned shared = ~0u, closed = ~0u;
  size_t block = none;
  for (size_t i = begin; i < end; ++i) {
    if (i > begin && pieces.beginsItem(i) && at(i - 1).kind != Piece::BlockOpen)
      shared = std::min(shared, at(i).blocks);
    if (at(i).kind == Piece::BlockOpen && at(i).blocks < closed &&
        !opened[at(i).item] && partner[i] != i + 1) {
      closed = at(i).blocks;
      block = i;
    }
  }
  if (shared != ~0u && shared <= closed) {
    for (size_t i = begin + 1; i < end; ++i)
      if (pieces.beginsItem(i) && at(i).blocks == shared)
        inserted[i] = true;
    return true;
  }
  if (block == none)
    return false;
  opened[at(block).item] = true;
  return true;
}

bool Layout::splitInside(size_t begin, size_t end, unsigned indent) {
  // How much one more bracket counts, and how much of an empty line counts as
  // one rank.
  constexpr unsigned bracket = 12, emptiness = 4;
  size_t best = none;
  unsigned least = ~0u;
  for (size_t i = begin + 1; i < end; ++i) {
    if (at(i).rank == Piece::Never)
      continue;
    unsigned place = indent + width(begin, i);
    if (place > maxWidth || place < indent + 4 * step)
      continue;
    unsigned cost = bracket * at(i).depth + static_cast<unsigned>(at(i).rank) +
                    (maxWidth - place) / emptiness;
    if (cost <= least) {
      least = cost;
      best = i;
    }
  }
  if (best == none)
    return false;
  inserted[best] = true;
  // What opens with a line end closes with one.
  if (at(best).rank == Piece::AfterOpen)
    inserted[partner[best - 1]] = true;
  return true;
}

unsigned Layout::itemIndent() const {
  for (size_t i = frames.size(); i-- > 0;)
    if (frames[i].kind == Frame::Item)
      return frames[i].closeIndent;
  return 0;
}

unsigned Layout::commentIndent(size_t i) const {
  if (pieces.beginsItem(i) || at(i).kind == Piece::End ||
      at(i).kind == Piece::BlockClose) {
    size_t top = frames.size() - 1;
    while (frames[top].kind != Frame::Block)
      --top;
    return frames[top].indent;
  }
  return at(i).text == "else" ? itemIndent() : frames.back().indent;
}

unsigned Layout::indentOf(size_t i) const {
  if (at(i).kind == Piece::BlockClose)
    return frames[frames.size() - 1 - (frames.back().kind == Frame::Item)]
        .closeIndent;
  if (at(i).kind == Piece::Close)
    return frames.back().closeIndent;
  return commentIndent(i);
}

/// The frames after a piece that ends at `column`.
void Layout::enter(size_t i) {
  auto leaveItem = [&] {
    if (frames.back().kind == Frame::Item)
      frames.pop_back();
  };
  if (pieces.beginsItem(i)) {
    leaveItem();
    const nnc::Item &item = itemOf(i);
    // A block's statements stand at one step: what goes on before it, at two.
    bool block = false;
    for (size_t k = i; k < item.end && !block; ++k)
      block = at(k).kind == Piece::BlockOpen;
    unsigned hang = block ? 2 * step : item.hang ? item.hang : step;
    unsigned base = frames.back().indent;
    frames.push_back({Frame::Item, base + hang, base});
  }
  switch (at(i).kind) {
  case Piece::Open: {
    bool breaks = breaksBefore(i + 1);
    frames.push_back(
        {Frame::Brackets, breaks ? lineIndent + step : column, lineIndent});
    break;
  }
  case Piece::BlockOpen: {
    unsigned base = itemIndent();
    frames.push_back({Frame::Block, base + step, base});
    break;
  }
  case Piece::BlockClose:
    leaveItem();
    frames.pop_back();
    break;
  case Piece::Close:
    frames.pop_back();
    break;
  default:
    break;
  }
}

/// One blank line stays between items and in brackets, not at their edges.
bool Layout::blankBefore(size_t i, unsigned line) const {
  return !lines.empty() && line > lastLine + 1 &&
         (commentIndent(i) != frames.back().indent ||
          frames.back().kind != Frame::Item || pieces.beginsItem(i));
}

void Layout::addComments(size_t i) {
  bool edge = i > 0 && (at(i - 1).kind == Piece::Open ||
                        at(i - 1).kind == Piece::BlockOpen);
  for (const PieceComment &each : at(i).comments) {
    if (!lines.empty() && each.line == lastLine) {
      lines.back().comment = each.text;
      continue;
    }
    if (!edge && blankBefore(i, each.line))
      lines.emplace_back();
    edge = false;
    unsigned indent = commentIndent(i);
    lines.push_back({std::string(indent, ' ') + each.text, "", 0});
    lastLine = each.line;
  }
  bool closes = at(i).kind == Piece::Close || at(i).kind == Piece::BlockClose ||
                at(i).kind == Piece::End;
  if (!edge && !closes && blankBefore(i, at(i).line))
    lines.emplace_back();
}

void Layout::addLine(size_t begin, size_t end, unsigned indent) {
  std::string text(indent, ' ');
  lineIndent = column = indent;
  for (size_t i = begin; i < end; ++i) {
    unsigned space = i == begin ? 0 : spaceBefore(i);
    text += std::string(space, ' ');
    text += at(i).text;
    column += space + at(i).width;
    enter(i);
  }
  lines.push_back({std::move(text), "", column});
  lastLine = at(end - 1).line;
}

/// Comments at the ends of lines that follow each other stand in one column,
/// if there is room.
std::string Layout::joined() const {
  std::string out;
  for (size_t i = 0; i < lines.size();) {
    size_t end = i;
    unsigned column = 0, longest = 0;
    while (end < lines.size() && !lines[end].comment.empty()) {
      column = std::max(column, lines[end].width);
      longest =
          std::max(longest, static_cast<unsigned>(lines[end].comment.size()));
      ++end;
    }
    bool align = column + 2 + longest <= maxWidth;
    for (; i < end; ++i)
      out += lines[i].text +
             std::string(2 + (align ? column - lines[i].width : 0), ' ') +
             lines[i].comment + "\n";
    if (i < lines.size())
      out += lines[i++].text + "\n";
  }
  return out;
}

std::string Layout::run() {
  startWithWritersLines();
  frames.push_back({Frame::Block, 0, 0});
  size_t count = pieces.all.size();
  for (size_t i = 0; i < count;) {
    addComments(i);
    if (at(i).kind == Piece::End)
      break;
    unsigned indent = indentOf(i);
    auto lineEnd = [&] {
      size_t end = i + 1;
      while (!breaksBefore(end))
        ++end;
      return end;
    };
    size_t end = lineEnd();
    while (indent + width(i, end) > maxWidth && split(i, end, indent))
      end = lineEnd();
    addLine(i, end, indent);
    i = end;
  }
  return joined();
}

std::string layOut(const Pieces &pieces) { return Layout(pieces).run(); }

} // namespace nnc
