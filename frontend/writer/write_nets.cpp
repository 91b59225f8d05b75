#include "frontend/write.h"

#include "frontend/format.h"
#include "frontend/writer/writer.h"
#include "ir/check.h"

namespace nnc {

/// A row for every op of the graph; the ends of functions and of loops are
/// written with what they end.
const std::map<std::string_view, Writer::Spelling> &Writer::spellings() {
  static const std::map<std::string_view, Spelling> table = {
      {"abs", &Writer::unaryFunction},
      {"add", &Writer::elementwise},
      {"again", &Writer::reshape},
      {"and", &Writer::elementwise},
      {"argmax", &Writer::alongAxis},
      {"broadcast", &Writer::broadcast},
      {"cast", &Writer::cast},
      {"compare", &Writer::elementwise},
      {"concat", &Writer::concat},
      {"constant", &Writer::constant},
      {"contract", &Writer::contract},
      {"conv", &Writer::convolution},
      {"conv_input_grad", &Writer::convolution},
      {"conv_weight_grad", &Writer::convolution},
      {"cos", &Writer::unaryFunction},
      {"cumsum", &Writer::alongAxis},
      {"div", &Writer::elementwise},
      {"empty", &Writer::empty},
      {"erf", &Writer::unaryFunction},
      {"exp", &Writer::unaryFunction},
      {"floor", &Writer::unaryFunction},
      {"gather", &Writer::gather},
      {"gradient", &Writer::gradient},
      {"int_div", &Writer::callOfTwo},
      {"iota", &Writer::iota},
      {"log", &Writer::unaryFunction},
      {"max", &Writer::callOfTwo},
      {"min", &Writer::callOfTwo},
      {"mod", &Writer::callOfTwo},
      {"mul", &Writer::elementwise},
      {"neg", &Writer::negation},
      {"not", &Writer::negation},
      {"or", &Writer::elementwise},
      {"pad", &Writer::pad},
      {"pow", &Writer::elementwise},
      {"product", &Writer::reduction},
      {"random_normal", &Writer::random},
      {"random_uniform", &Writer::random},
      {"reduce_max", &Writer::reduction},
      {"reduce_min", &Writer::reduction},
      {"reshape", &Writer::reshape},
      {"return", nullptr},
      {"reverse", &Writer::reverse},
      {"round", &Writer::unaryFunction},
      {"scan", &Writer::scan},
      {"scatter_add", &Writer::scatterAdd},
      {"select", &Writer::select},
      {"sigmoid", &Writer::unaryFunction},
      {"sign", &Writer::unaryFunction},
      {"sin", &Writer::unaryFunction},
      {"size", &Writer::size},
      {"slice", &Writer::slice},
      {"sqrt", &Writer::unaryFunction},
      {"stop_gradient", &Writer::stopGradient},
      {"sub", &Writer::elementwise},
      {"sum", &Writer::reduction},
      {"tanh", &Writer::unaryFunction},
      {"transpose", &Writer::transpose},
      {"update", &Writer::update},
      {"yield", nullptr},
  };
  return table;
}

bool hasSpelling(std::string_view op) {
  return Writer::spellings().contains(op);
}

WrittenNets writeNets(const std::vector<NetToWrite> &nets) {
  WrittenNets made;
  std::set<std::string> symbols;
  for (const NetToWrite &net : nets) {
    std::vector<std::string> own = net.function->dimSymbols();
    symbols.insert(own.begin(), own.end());
  }
  std::string text;
  for (const std::string &symbol : symbols)
    text += (text.empty() ? "dim " : ", ") + symbol;
  if (!text.empty())
    text += "\n";
  for (const NetToWrite &net : nets) {
    Writer writer(*net.function, symbols);
    std::string body = writer.net(net.name);
    if (writer.failure) {
      made.failure = writer.failure;
      return made;
    }
    text += text.empty() ? "" : "\n";
    if (!net.comment.empty())
      text += "# " + net.comment + "\n";
    text += body;
    made.arguments.push_back(writer.arguments);
  }
  SourceManager sources;
  uint32_t id = sources.add("written.nn", text);
  DiagnosticSink sink(sources);
  std::optional<std::string> formatted = formatFile(sources, id, sink);
  if (!formatted)
    internalError("what was written does not parse: " + sink.render() + text);
  made.text = std::move(*formatted);
  return made;
}

} // namespace nnc
