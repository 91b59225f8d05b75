#include "ir/parser.h"

#include "ir/builder.h"
#include "ir/lexer.h"
#include "ir/op_def.h"

#include <charconv>
#include <unordered_map>

namespace nnc {

namespace {

/// Recursive descent. After the first error every routine returns at once.
class Parser {
public:
  Parser(std::string_view text, ParseError &error) : lexer(text), error(error) {
    take();
  }

  std::unique_ptr<Module> module() {
    auto result = std::make_unique<Module>();
    while (token.kind != Token::End && !error)
      function(*result);
    return error ? nullptr : std::move(result);
  }

private:
  // Tokens.
  void take() {
    token = lexer.next();
    if (token.kind == Token::Bad)
      fail(token.text);
  }
  void fail(std::string message) {
    if (!error)
      error = {token.line, token.column, std::move(message)};
  }
  void expected(std::string_view what) {
    fail("expected " + std::string(what) + ", found " + token.described());
  }
  bool accept(std::string_view punct) {
    if (error || !token.is(punct))
      return false;
    take();
    return true;
  }
  void expect(std::string_view punct) {
    if (!accept(punct))
      expected("'" + std::string(punct) + "'");
  }

  /// Text may nest only so deep that no walk over it overflows the stack.
  struct Nesting {
    explicit Nesting(Parser &parser) : parser(parser) {
      if (++parser.depth > 256)
        parser.fail("nested deeper than 256");
    }
    ~Nesting() { --parser.depth; }
    Parser &parser;
  };

  // Functions, regions, ops.
  void function(Module &module) {
    if (!token.isWord("func"))
      return expected("'func'");
    take();
    auto result = std::make_unique<Function>();
    Function &f = *result;
    f.location.line = token.line;
    f.location.column = token.column;
    f.name = token.text;
    if (token.kind != Token::Symbol)
      return expected("a function's name");
    if (module.find(f.name))
      return fail("there are two functions @" + f.name);
    take();
    values.clear();
    defined.clear();
    expect("(");
    while (!error && !token.is(")")) {
      Value *argument = parameter(f.body);
      f.argAttrs.push_back(token.is("{") ? dict() : AttrDict());
      if (!argument || !accept(","))
        break;
    }
    expect(")");
    if (accept("->")) {
      expect("(");
      do
        f.resultAttrs.push_back(dict());
      while (accept(","));
      expect(")");
    }
    // `{` opens the function's attributes only if `name =` follows.
    expect("{");
    if (token.kind == Token::Word && IrLexer(lexer).next().is("=")) {
      f.attrs = dictEntries();
      expect("{");
    }
    body(f.body);
    if (!error && (f.body.empty() || !f.body.terminator()->is("return")))
      fail("the function does not end with return");
    size_t results = error ? 0 : f.body.terminator()->operandCount();
    if (!error && f.resultAttrs.size() > results)
      fail("attributes are given for " + std::to_string(f.resultAttrs.size()) +
           " results, and the function returns " + std::to_string(results));
    f.resultAttrs.resize(results);
    module.functions.push_back(std::move(result));
  }

  Value *parameter(Block &block) {
    Token name = token;
    if (name.kind != Token::Value) {
      expected("a value's name");
      return nullptr;
    }
    take();
    expect(":");
    Type valueType = type();
    if (error)
      return nullptr;
    Value *value = block.addArgument(valueType);
    define(name, value);
    return value;
  }

  void define(const Token &name, Value *value) {
    if (!values.emplace(name.text, value).second && !error)
      error = {name.line, name.column, "%" + name.text + " is defined twice"};
    defined.push_back(name.text);
    if (name.text.find_first_not_of("0123456789") != std::string::npos)
      value->hint = name.text;
  }

  /// Ops up to the closing brace.
  void body(Block &block) {
    while (!error && !token.is("}"))
      op(block);
    expect("}");
  }

  void op(Block &block) {
    std::vector<Token> names;
    if (token.kind == Token::Value) {
      do {
        if (token.kind != Token::Value)
          return expected("a value's name");
        names.push_back(token);
        take();
      } while (accept(","));
      expect("=");
    }
    if (token.kind != Token::Word)
      return expected("an op's name");
    const OpDef *def = findOp(token.text);
    if (!def)
      return fail("there is no op '" + token.text + "'");
    Token opName = token;
    take();
    std::vector<Value *> operands;
    // Line ends mean nothing: after an op without operands, a value's name
    // begins the next op.
    if (token.kind == Token::Value && def->operands.most != 0) {
      do {
        if (token.kind != Token::Value)
          return expected("a value's name");
        auto found = values.find(token.text);
        if (found == values.end())
          return fail("%" + token.text + " is not defined above");
        operands.push_back(found->second);
        take();
      } while (accept(","));
    }
    AttrDict attrs;
    if (token.is("{") && !(def->regions && names.empty() && opensRegion()))
      attrs = dict();
    std::vector<Type> types;
    if (accept(":")) {
      do
        types.push_back(type());
      while (accept(",") && !error);
    }
    if (error)
      return;
    if (types.size() != names.size()) {
      error = {opName.line, opName.column,
               std::to_string(names.size()) + " names are given for " +
                   std::to_string(types.size()) + " results"};
      return;
    }
    Builder builder(block);
    builder.location.line = opName.line;
    builder.location.column = opName.column;
    Op *made = builder.createWithRegions(def->name, operands, attrs, types,
                                         def->regions);
    for (int64_t i = 0; i < made->regionCount() && !error; ++i)
      region(made->region(i));
    for (size_t i = 0; i < names.size(); ++i)
      define(names[i], made->result(i));
  }

  /// At `{` of an op that has regions and no attributes.
  bool opensRegion() {
    IrLexer ahead = lexer;
    Token first = ahead.next(), second = ahead.next();
    return !(first.kind == Token::Word && second.is("="));
  }

  /// What a region defines has no name outside of it.
  void region(Block &block) {
    Nesting nesting(*this);
    size_t outer = defined.size();
    expect("{");
    if (accept("^")) {
      expect("(");
      while (!error && !token.is(")"))
        if (!parameter(block) || !accept(","))
          break;
      expect(")");
      expect(":");
    }
    body(block);
    for (; defined.size() > outer; defined.pop_back())
      values.erase(defined.back());
  }

  // Types and attributes.
  Type type() {
    bool isBuffer = token.isWord("buffer");
    if (isBuffer)
      take();
    std::optional<Elem> elem;
    if (token.kind == Token::Word)
      elem = elemFromName(token.text);
    if (!elem) {
      expected("a type");
      return Type();
    }
    take();
    if (!isBuffer && accept("<")) {
      int64_t lanes = integer();
      expect(">");
      return Type::vector(*elem, lanes);
    }
    Shape shape;
    if (accept("[")) {
      do
        shape.push_back(dim());
      while (accept(","));
      expect("]");
    }
    return isBuffer ? Type::buffer(*elem, shape) : Type::tensor(*elem, shape);
  }

  int64_t integer() {
    int64_t value = 0;
    if (error)
      return 0;
    if (token.kind != Token::Integer) {
      expected("an integer");
      return 0;
    }
    auto [end, bad] = std::from_chars(
        token.text.data(), token.text.data() + token.text.size(), value);
    if (bad != std::errc())
      fail("the integer " + token.text + " is too large");
    else
      take();
    return value;
  }

  Dim dim() {
    Nesting nesting(*this);
    Dim sum = accept("-") ? -dimProduct() : dimProduct();
    while (!error) {
      if (accept("+"))
        sum = sum + dimProduct();
      else if (accept("-"))
        sum = sum - dimProduct();
      else
        break;
    }
    return sum;
  }

  Dim dimProduct() {
    Dim product = dimAtom();
    while (!error && accept("*")) {
      product = product * dimAtom();
      // Powers of sums grow fast.
      if (product.termList().size() > 256)
        fail("a size of more than 256 terms");
    }
    return product;
  }

  Dim dimAtom() {
    if (error)
      return 0;
    if (token.kind == Token::Integer)
      return integer();
    if (accept("(")) {
      Dim inner = dim();
      expect(")");
      return inner;
    }
    if (token.kind != Token::Word) {
      expected("a size");
      return 0;
    }
    std::string name = token.text;
    take();
    if (!token.is("("))
      return Dim::symbol(name);
    expect("(");
    Dim left = dim();
    if (name == "floor") {
      expect("/");
      int64_t divisor = integer();
      if (!error && divisor < 1)
        fail("a size is divided by 0");
      expect(")");
      return error ? Dim(0) : left.floorDiv(divisor);
    }
    expect(",");
    Dim right = dim();
    expect(")");
    if (name == "min")
      return Dim::min(left, right);
    if (name == "max")
      return Dim::max(left, right);
    fail("there is no function '" + name + "' of sizes");
    return 0;
  }

  AttrDict dict() {
    expect("{");
    return dictEntries();
  }

  /// After `{`, to `}`.
  AttrDict dictEntries() {
    Nesting nesting(*this);
    AttrDict result;
    while (!error && !token.is("}")) {
      if (token.kind != Token::Word) {
        expected("an attribute's name");
        break;
      }
      std::string name = token.text;
      if (result.find(name)) {
        fail("attribute " + name + " is given twice");
        break;
      }
      take();
      expect("=");
      result.set(name, attr());
      if (!accept(","))
        break;
    }
    expect("}");
    return result;
  }

  double floatValue() {
    double value = 0;
    auto [end, bad] = std::from_chars(
        token.text.data(), token.text.data() + token.text.size(), value);
    if (bad != std::errc())
      fail("the float " + token.text + " is out of range");
    take();
    return value;
  }

  /// A float at the current token, with its sign, if there is one.
  std::optional<double> tryFloat() {
    IrLexer ahead = lexer;
    bool negative = token.is("-");
    Token first = negative ? ahead.next() : token;
    bool named = first.isWord("inf") || first.isWord("nan");
    if (first.kind != Token::Float && !named)
      return std::nullopt;
    if (negative)
      take();
    double value = floatValue();
    return negative ? -value : value;
  }

  Attr attr() {
    Nesting nesting(*this);
    if (error)
      return 0;
    if (std::optional<double> value = tryFloat())
      return *value;
    if (token.kind == Token::String) {
      std::string text = token.text;
      take();
      return text;
    }
    if (token.is("{"))
      return dict();
    if (accept("[")) {
      AttrList list;
      while (!error && !token.is("]")) {
        list.push_back(attr());
        if (!accept(","))
          break;
      }
      expect("]");
      return list;
    }
    if (token.isWord("true") || token.isWord("false")) {
      bool value = token.text == "true";
      take();
      return value;
    }
    if (token.isWord("dense"))
      return dense();
    if (token.kind == Token::Word &&
        (elemFromName(token.text) || token.text == "buffer"))
      return type();
    return dim();
  }

  Attr dense() {
    take();
    expect("[");
    auto data = std::make_shared<std::vector<double>>();
    while (!error && !token.is("]")) {
      std::optional<double> value = tryFloat();
      if (!value && token.is(".")) {
        fail("elements are left out here: `nnc emit --full-constants` shows "
             "them all");
        break;
      }
      if (!value) {
        expected("a float");
        break;
      }
      data->push_back(*value);
      if (!accept(","))
        break;
    }
    expect("]");
    return DenseData(data);
  }

  IrLexer lexer;
  ParseError &error;
  Token token;
  int depth = 0;
  std::unordered_map<std::string, Value *> values;
  std::vector<std::string> defined; ///< The keys of `values`, in text order.
};

} // namespace

std::unique_ptr<Module> parseModule(std::string_view text, ParseError &error) {
  return Parser(text, error).module();
}

} // namespace nnc
