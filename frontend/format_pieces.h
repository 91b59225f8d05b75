//===- format_pieces.h: what the formatter knows of each token ------------===//
//
// Private to the formatter. The tree is read once; the layout sees only this.
//
//===----------------------------------------------------------------------===//
#ifndef NNC_FRONTEND_FORMAT_PIECES_H
#define NNC_FRONTEND_FORMAT_PIECES_H

#include "frontend/characters.h"
#include "frontend/parse_tree.h"

namespace nnc {

/// A comment, without white space at its end.
struct PieceComment {
  std::string text;
  unsigned line;
};

/// A token, and what may stand before it.
struct Piece {
  enum Kind { Plain, Open, Close, BlockOpen, BlockClose, End };
  /// The ranks of places where the formatter may break a line, the best first:
  /// see Note [Where a long line breaks].
  enum Rank {
    ListItem,
    Clause,
    Or,
    And,
    Comparison,
    Flow,
    Sum,
    AfterOpen,
    Product,
    Value,
    Never
  };

  std::string_view text;
  Kind kind = Plain;
  unsigned width = 0; ///< In characters.
  unsigned line = 0;  ///< Where it stands in the source.
  bool space = true;  ///< Before it, if it does not begin a line.
  Rank rank = Never;
  unsigned depth = 0;  ///< How many brackets are open before it.
  unsigned blocks = 0; ///< How many of them are braces.
  size_t item = 0;     ///< The innermost item that it belongs to.
  std::vector<PieceComment> comments; ///< Between the last piece and this.
};

/// A definition, a statement or a clause: what stands on lines of its own.
struct Item {
  size_t begin = 0, end = 0; ///< Its pieces.
  /// What its further lines are indented by; 0 if it is as for all.
  unsigned hang = 0;
};

/// The last piece is the end of the file.
struct Pieces {
  std::vector<Piece> all;
  std::vector<Item> items;

  bool beginsItem(size_t i) const {
    return i + 1 < all.size() && items[all[i].item].begin == i;
  }
  /// Whether a piece closes what the one before it opens.
  bool isEmptyPair(size_t close) const {
    Piece::Kind kind = all[close].kind;
    return (kind == Piece::Close && all[close - 1].kind == Piece::Open) ||
           (kind == Piece::BlockClose &&
            all[close - 1].kind == Piece::BlockOpen);
  }
};

Pieces makePieces(const ParseTree &tree);

/// The lines, each with its indentation, that hold the pieces.
std::string layOut(const Pieces &pieces);

} // namespace nnc

#endif // NNC_FRONTEND_FORMAT_PIECES_H
