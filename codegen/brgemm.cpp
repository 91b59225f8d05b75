#include "codegen/brgemm.h"

#include "codegen/memory_emitter.h"
#include "codegen/micro_kernel.h"
#include "ir/check.h"

#include <bit>

namespace nnc {

/// Columns in a panel, on every instruction set.
static constexpr unsigned panelColumns = 16;

static llvm::ArrayRef<TileShape> tilesOf(const Target &target, Elem elem) {
  return elem == Elem::F32 ? target.f32Tiles : target.f64Tiles;
}

/// How many panels the tile spans.
static unsigned panelsOf(const TileShape &tile) {
  return std::max(1u, tile.panels * tile.lanes / panelColumns);
}

int64_t brgemmTileRows(const Target &target, Elem elem) {
  return tilesOf(target, elem).front().rows;
}

int64_t brgemmTileColumns(const Target &target, Elem elem) {
  return panelsOf(tilesOf(target, elem).front()) * panelColumns;
}

std::string brgemmName(const Target &target, Elem elem, Brgemm kind) {
  llvm::StringRef level = target.name;
  level.consume_front("x86-64");
  level.consume_front("-");
  llvm::StringRef name =
      kind == Brgemm::Plain ? "nnrt_brgemm_" : "nnrt_brgemm_beside_";
  return (name + llvm::StringRef(elemName(elem)) + "_" +
          (level.empty() ? "v1" : level))
      .str();
}

llvm::Function *declareBrgemm(llvm::Module &module, const Target &target,
                              Elem elem, Brgemm kind) {
  std::string name = brgemmName(target, elem, kind);
  if (llvm::Function *known = module.getFunction(name))
    return known;
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::getUnqual(context);
  auto *type =
      llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                              {pointer, pointer, pointer, pointer}, false);
  auto *function = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                          name, module);
  function->setDoesNotThrow();
  return function;
}

namespace {

class BrgemmEmitter {
public:
  BrgemmEmitter(llvm::Module &module, const Target &target, Elem elem,
                Brgemm kind)
      : builder(module.getContext()), target(target),
        tiles(tilesOf(target, elem)),
        element(registerType(module.getContext(), elem)), kind(kind),
        function(declareBrgemm(module, target, elem, kind)),
        plain(declareBrgemm(module, target, elem)) {}

  void emit() {
    llvm::LLVMContext &context = builder.getContext();
    auto *entry = llvm::BasicBlock::Create(context, "entry", function);
    builder.SetInsertPoint(entry);
    if (kind == Brgemm::Beside)
      plainFields = builder.CreateAlloca(
          llvm::ArrayType::get(builder.getInt64Ty(), fieldsOf(Brgemm::Plain)));
    for (unsigned i = 0; i < fieldsOf(kind); ++i)
      fields[i] =
          builder.CreateLoad(builder.getInt64Ty(),
                             builder.CreateConstGEP1_64(
                                 builder.getInt64Ty(), function->getArg(3), i));
    largestRows = tiles.front().rows;
    widest = panelsOf(tiles.front());
    // Panels, as many at a time as the best tile has, then one by one.
    llvm::Value *first = kind == Brgemm::Plain ? oneRow() : builder.getInt64(0);
    llvm::Value *done =
        forSteps("panels", first, fields[BrgemmPanels], widest,
                 [&](llvm::Value *panel) { overRows(panel, widest); });
    if (widest > 1)
      forSteps("panel", done, fields[BrgemmPanels], 1,
               [&](llvm::Value *panel) { overRows(panel, 1); });
    builder.CreateRetVoid();
  }

private:
  /// Steps from `from` while a whole step fits below `to`; gives where it
  /// ended.
  llvm::Value *forSteps(llvm::StringRef name, llvm::Value *from,
                        llvm::Value *to, unsigned step,
                        llvm::function_ref<void(llvm::Value *)> body) {
    llvm::LLVMContext &context = builder.getContext();
    llvm::BasicBlock *before = builder.GetInsertBlock();
    auto *header = llvm::BasicBlock::Create(context, name, function);
    auto *inside = llvm::BasicBlock::Create(context, name + ".body", function);
    auto *after = llvm::BasicBlock::Create(context, name + ".end", function);
    builder.CreateBr(header);
    builder.SetInsertPoint(header);
    llvm::PHINode *index = builder.CreatePHI(builder.getInt64Ty(), 2);
    index->addIncoming(from, before);
    llvm::Value *next = builder.CreateAdd(index, builder.getInt64(step));
    builder.CreateCondBr(builder.CreateICmpSLE(next, to), inside, after);
    builder.SetInsertPoint(inside);
    body(index);
    index->addIncoming(next, builder.GetInsertBlock());
    builder.CreateBr(header);
    builder.SetInsertPoint(after);
    return index;
  }

  /// A row by itself takes as long as reading B, into as many sums as hide how
  /// long a multiply-add takes. Where B lies row by row, a long piece of each
  /// row is read at a time. Gives the panel where that ended; 0 for more rows.
  llvm::Value *oneRow() {
    const TileShape &best = tiles.front();
    llvm::Value *zero = builder.getInt64(0);
    llvm::Value *isRow =
        builder.CreateICmpEQ(fields[BrgemmRows], builder.getInt64(1));
    llvm::Value *isInPlace = builder.CreateICmpEQ(
        fields[BrgemmBPanel], builder.getInt64(panelColumns));
    unsigned vectors = std::min(8u, std::bit_floor(best.rows * best.panels));
    llvm::Value *end = builder.CreateSelect(builder.CreateAnd(isRow, isInPlace),
                                            fields[BrgemmPanels], zero);
    llvm::Value *done =
        forSteps("row.in.place", zero, end, vectors * best.lanes / panelColumns,
                 [&](llvm::Value *panel) {
                   block(zero, panel, {1, vectors, best.lanes}, 0,
                         builder.getInt64(best.lanes));
                 });
    if (best.lanes != panelColumns)
      return done;
    end = builder.CreateSelect(isRow, fields[BrgemmPanels], zero);
    return forSteps("row", done, end, 2 * widest, [&](llvm::Value *panel) {
      block(zero, panel, {1, 2 * widest, best.lanes}, 0, fields[BrgemmBPanel]);
    });
  }

  /// Tiles of the full height, then one of exactly the rows that are left.
  void overRows(llvm::Value *panel, unsigned panels) {
    llvm::Value *done = forSteps(
        "rows", builder.getInt64(0), fields[BrgemmRows], largestRows,
        [&](llvm::Value *row) { tile(row, panel, largestRows, panels); });
    llvm::LLVMContext &context = builder.getContext();
    auto *end = llvm::BasicBlock::Create(context, "rows.done", function);
    llvm::Value *left = builder.CreateSub(fields[BrgemmRows], done);
    llvm::SwitchInst *which = builder.CreateSwitch(left, end, largestRows);
    for (unsigned rows = 1; rows < largestRows; ++rows) {
      // Prefetching would not be lost among so few multiply-adds.
      if (kind == Brgemm::Beside && 4 * rows < 3 * largestRows)
        continue;
      auto *block = llvm::BasicBlock::Create(context, "rows.left", function);
      which->addCase(builder.getInt64(rows), block);
      builder.SetInsertPoint(block);
      tile(done, panel, rows, panels);
      builder.CreateBr(end);
    }
    if (kind == Brgemm::Beside) {
      which->addCase(builder.getInt64(0), end);
      auto *few = llvm::BasicBlock::Create(context, "rows.few", function);
      which->setDefaultDest(few);
      builder.SetInsertPoint(few);
      callPlain(done, left, panel, panels);
      builder.CreateBr(end);
    }
    builder.SetInsertPoint(end);
  }

  /// The same of `rows` rows and of `panels` panels from here on.
  void callPlain(llvm::Value *row, llvm::Value *rows, llvm::Value *panel,
                 unsigned panels) {
    for (unsigned i = 0; i < fieldsOf(Brgemm::Plain); ++i)
      builder.CreateStore(
          i == BrgemmRows     ? rows
          : i == BrgemmPanels ? builder.getInt64(panels)
                              : fields[i],
          builder.CreateConstGEP1_64(builder.getInt64Ty(), plainFields, i));
    builder.CreateCall(plain,
                       {aAt(row), bAt(panel), cAt(row, panel), plainFields});
  }

  /// What is prefetched while a tile is computed.
  enum class Meanwhile { Nothing, NextRows, Beside };

  void tile(llvm::Value *row, llvm::Value *panel, unsigned rows,
            unsigned panels) {
    if (kind == Brgemm::Beside)
      return tile(row, panel, rows, panels, Meanwhile::Beside);
    if (rows < largestRows)
      return tile(row, panel, rows, panels, Meanwhile::Nothing);
    llvm::LLVMContext &context = builder.getContext();
    auto *dense = llvm::BasicBlock::Create(context, "dense", function);
    auto *other = llvm::BasicBlock::Create(context, "other", function);
    auto *end = llvm::BasicBlock::Create(context, "full.end", function);
    builder.CreateCondBr(isDense(), dense, other);
    builder.SetInsertPoint(dense);
    tile(row, panel, rows, panels, Meanwhile::NextRows);
    builder.CreateBr(end);
    builder.SetInsertPoint(other);
    tile(row, panel, rows, panels, Meanwhile::Nothing);
    builder.CreateBr(end);
    builder.SetInsertPoint(end);
  }

  /// Weights are read row by row from beyond the cache, too many rows at a time
  /// for the hardware to see it coming. Where they lie densely, the next rows
  /// are prefetched.
  llvm::Value *isDense() {
    llvm::Value *one = builder.getInt64(1);
    return builder.CreateAnd(
        {builder.CreateICmpEQ(fields[BrgemmCount0], one),
         builder.CreateICmpEQ(fields[BrgemmCount1], one),
         builder.CreateICmpEQ(fields[BrgemmADepth], one),
         builder.CreateICmpEQ(fields[BrgemmARow], fields[BrgemmDepth])});
  }

  llvm::Value *at(llvm::Value *base, llvm::Value *offset) {
    return builder.CreateGEP(element, base, offset);
  }
  llvm::Value *aAt(llvm::Value *row) {
    return at(function->getArg(0), builder.CreateMul(row, fields[BrgemmARow]));
  }
  llvm::Value *bAt(llvm::Value *panel) {
    return at(function->getArg(1),
              builder.CreateMul(panel, fields[BrgemmBPanel]));
  }
  llvm::Value *cAt(llvm::Value *row, llvm::Value *panel) {
    return at(function->getArg(2),
              builder.CreateAdd(
                  builder.CreateMul(row, fields[BrgemmCRow]),
                  builder.CreateMul(panel, builder.getInt64(panelColumns))));
  }

  /// A panel of 16 columns is several blocks of `lanes`; as many are taken
  /// together as the best tile has.
  void tile(llvm::Value *row, llvm::Value *panel, unsigned rows,
            unsigned panels, Meanwhile meanwhile) {
    unsigned lanes = tiles.front().lanes;
    unsigned perPanel = panelColumns / lanes;
    unsigned together = std::min(panels * perPanel, tiles.front().panels);
    check(perPanel == 1 || panels == 1, "several split panels at a time");
    llvm::Value *next =
        perPanel == 1 ? fields[BrgemmBPanel] : builder.getInt64(lanes);
    for (unsigned first = 0; first < panels * perPanel; first += together)
      block(row, panel, {rows, together, lanes}, first * lanes, next,
            meanwhile);
  }

  /// From `column` of the panel on; `next`: from one vector of B to the next.
  void block(llvm::Value *row, llvm::Value *panel, TileShape shape,
             unsigned column, llvm::Value *next,
             Meanwhile meanwhile = Meanwhile::Nothing) {
    llvm::Value *skipped = builder.getInt64(column);
    MicroKernel kernel;
    kernel.element = element;
    kernel.tile = shape;
    kernel.a = {aAt(row),
                fields[BrgemmARow],
                fields[BrgemmADepth],
                {fields[BrgemmA0], fields[BrgemmA1]}};
    kernel.b = {at(bAt(panel), skipped),
                next,
                fields[BrgemmBDepth],
                {fields[BrgemmB0], fields[BrgemmB1]}};
    kernel.depth = fields[BrgemmDepth];
    if (meanwhile == Meanwhile::NextRows) {
      kernel.a.depthStride = builder.getInt64(1);
      kernel.a.batchStrides.clear();
      kernel.b.batchStrides.clear();
      kernel.ahead =
          at(kernel.a.base, builder.CreateMul(kernel.a.tileStride,
                                              builder.getInt64(shape.rows)));
    } else {
      kernel.batchCounts = {fields[BrgemmCount0], fields[BrgemmCount1]};
    }
    if (meanwhile == Meanwhile::Beside)
      kernel.beside = beside(row, panel, skipped);
    llvm::Value *c = at(cAt(row, panel), skipped);
    kernel.init = firstValues(shape, c);
    emitMicroKernel(builder, target, kernel,
                    [&](llvm::IRBuilderBase &b, unsigned r, unsigned p,
                        llvm::Value *accumulator) {
                      storeTile(b, element, r, p, accumulator, c,
                                fields[BrgemmCRow], b.getInt64(shape.lanes));
                    });
  }

  BesideTile beside(llvm::Value *row, llvm::Value *panel,
                    llvm::Value *skipped) {
    llvm::Value *column = builder.CreateAdd(
        builder.CreateMul(panel, builder.getInt64(panelColumns)), skipped);
    return {fields[BrgemmBesideCount],
            builder.CreateConstGEP1_64(builder.getInt64Ty(),
                                       function->getArg(3), BrgemmBeside),
            builder.CreateAdd(builder.CreateMul(row, fields[BrgemmBesideRow]),
                              column),
            fields[BrgemmBesideRow]};
  }

  /// Of the accumulators: 0, or what C holds.
  llvm::SmallVector<llvm::Value *> firstValues(TileShape shape,
                                               llvm::Value *c) {
    llvm::LLVMContext &context = builder.getContext();
    llvm::BasicBlock *before = builder.GetInsertBlock();
    auto *held = llvm::BasicBlock::Create(context, "held", function);
    auto *begin = llvm::BasicBlock::Create(context, "begin", function);
    builder.CreateCondBr(
        builder.CreateICmpNE(fields[BrgemmAdds], builder.getInt64(0)), held,
        begin);
    builder.SetInsertPoint(held);
    llvm::SmallVector<llvm::Value *> values =
        loadTile(builder, element, shape, c, fields[BrgemmCRow],
                 builder.getInt64(shape.lanes));
    builder.CreateBr(begin);
    builder.SetInsertPoint(begin);
    for (llvm::Value *&value : values) {
      llvm::PHINode *phi = builder.CreatePHI(value->getType(), 2);
      phi->addIncoming(llvm::Constant::getNullValue(value->getType()), before);
      phi->addIncoming(value, held);
      value = phi;
    }
    return values;
  }

  llvm::IRBuilder<> builder;
  const Target &target;
  llvm::ArrayRef<TileShape> tiles;
  llvm::Type *element;
  Brgemm kind;
  llvm::Function *function, *plain;
  llvm::Value *fields[BrgemmFields];
  llvm::Value *plainFields = nullptr; ///< What `plain` is told.
  unsigned largestRows = 1, widest = 1;
};

} // namespace

void defineBrgemm(llvm::Module &module, const Target &target, Elem elem,
                  Brgemm kind) {
  BrgemmEmitter(module, target, elem, kind).emit();
}

} // namespace nnc
