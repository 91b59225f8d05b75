#include "codegen/program_table.h"

#include "codegen/emit_function.h"
#include "codegen/memory_emitter.h"
#include "codegen/table_builder.h"
#include "ir/check.h"
#include "ir/executor.h"

#include <unordered_map>

namespace nnc {

std::string programSymbol(const Target &target) {
  std::string name = "nn_program_";
  for (const char *c = target.name; *c; ++c)
    name += *c == '-' ? '_' : *c;
  return name;
}

namespace {

using Constant = llvm::Constant;
using Fields = TableBuilder::Fields;

/// Each member writes one structure of runtime/program.h, field by field, in
/// its order.
class ProgramEmitter {
public:
  ProgramEmitter(llvm::Module &module, const Target &target,
                 const Program &program)
      : module(module), target(target), program(program), table(module) {
    for (const Variable &variable : program.variables)
      variableIndices.emplace(variable.path, variableIndices.size());
  }

  llvm::GlobalVariable *emit() {
    Fields functions, variables, sources, nets, trains, tests;
    for (const auto &function : program.module.functions)
      functions.push_back(emitFunctionEntry(*function));
    for (const Variable &variable : program.variables)
      variables.push_back(emitVariable(variable));
    for (const DataSource &source : program.sources)
      sources.push_back(emitSource(source));
    for (const NetEntry &net : program.nets)
      nets.push_back(emitNet(net));
    for (const TrainEntry &train : program.trains)
      trains.push_back(emitTrain(train));
    for (const TestEntry &test : program.tests)
      tests.push_back(emitTest(test));
    Constant *root = table.structure({
        table.text(program.name),
        count(functions),
        count(variables),
        count(sources),
        count(nets),
        count(trains),
        count(tests),
        table.array(functions),
        table.array(variables),
        table.array(sources),
        table.array(nets),
        table.array(trains),
        table.array(tests),
        table.i32(functionIndex(program.initFunction)),
        table.text(target.name),
        table.text("nnc " NNC_VERSION),
    });
    return new llvm::GlobalVariable(module, root->getType(), true,
                                    llvm::GlobalValue::ExternalLinkage, root,
                                    programSymbol(target));
  }

private:
  Constant *count(const Fields &list) {
    return table.i32(static_cast<int64_t>(list.size()));
  }

  int64_t functionIndex(const std::string &name) const {
    const auto &functions = program.module.functions;
    for (size_t i = 0; i < functions.size(); ++i)
      if (functions[i]->name == name)
        return static_cast<int64_t>(i);
    check(name.empty(), "a program names a function that it does not have");
    return -1;
  }

  int64_t variableIndex(const std::string &path) const {
    auto found = variableIndices.find(path);
    if (found == variableIndices.end())
      internalError("a function uses variable " + path +
                    ", which the program does not have");
    return found->second;
  }

  // Functions.

  enum SlotKind {
    Input,
    VariableSlot,
    Step,
    Epoch,
    Steps,
    Count,
    Seed,
    Loss,
    Print,
    Gradient
  };

  static SlotKind slotKind(const AttrDict &attrs) {
    if (attrs.find("variable"))
      return VariableSlot;
    if (attrs.find("print"))
      return Print;
    if (attrs.find("gradient"))
      return Gradient;
    const Attr *role = attrs.find("role");
    if (!role)
      return Input;
    static constexpr const char *names[] = {"step",  "epoch", "steps",
                                            "count", "seed",  "loss"};
    for (int i = 0; i < 6; ++i)
      if (role->asString() == names[i])
        return static_cast<SlotKind>(Step + i);
    internalError("an argument has the role " + role->asString());
  }

  Constant *emitSlot(const Function &function, int64_t i,
                     const std::vector<std::string> &dims) {
    const AttrDict &attrs = function.argAttrs[i];
    const Type &type = function.body.argument(i)->type();
    std::string name = function.body.argument(i)->hint;
    for (const char *key : {"input", "output", "variable", "print", "gradient"})
      if (const Attr *given = attrs.find(key))
        name = given->asString();
    SlotKind kind = slotKind(attrs);
    Fields axes, axisDims;
    for (int64_t axis = 0; axis < type.rank(); ++axis) {
      const Attr *names = attrs.find("axes");
      axes.push_back(table.text(names ? names->asList()[axis].asString()
                                      : type.dim(axis).str()));
      int64_t bound = -1;
      if (std::optional<std::string> symbol = type.dim(axis).asSymbol())
        for (size_t d = 0; d < dims.size(); ++d)
          if (dims[d] == *symbol)
            bound = static_cast<int64_t>(d);
      axisDims.push_back(table.i32(bound));
    }
    const Attr *variable =
        attrs.find(kind == Gradient ? "gradient" : "variable");
    return table.structure({
        table.text(name),
        table.i32(kind),
        table.i32(static_cast<int64_t>(type.elem())),
        table.i32(type.rank()),
        table.i32(variable ? variableIndex(variable->asString()) : -1),
        table.array(axes),
        table.array(axisDims),
    });
  }

  Constant *emitFunctionEntry(const Function &function) {
    std::vector<std::string> dims = function.dimSymbols();
    EmittedFunction code =
        emitFunction(module, target, function, kernels);
    Fields names, arguments, results, temporaries;
    for (const std::string &dim : dims)
      names.push_back(table.text(dim));
    for (int64_t i = 0; i < function.body.argumentCount(); ++i) {
      const AttrDict &attrs = function.argAttrs[i];
      if (attrs.find("temporary"))
        temporaries.push_back(
            table.structure({table.i32(attrs.find("first")->asInt()),
                             table.i32(attrs.find("last")->asInt())}));
      else if (attrs.find("result"))
        results.push_back(emitSlot(function, i, dims));
      else
        arguments.push_back(emitSlot(function, i, dims));
    }
    return table.structure({
        table.text(function.name),
        count(names),
        count(arguments),
        count(results),
        count(temporaries),
        table.array(names),
        table.array(arguments),
        table.array(results),
        table.array(temporaries),
        code.shapes,
        code.run,
        table.boolean(function.attrs.find("alone")),
        table.boolean(function.attrs.find("keeps")),
    });
  }

  // What the functions are for.

  Constant *extents(const std::vector<int64_t> &shape) {
    Fields fields;
    for (int64_t extent : shape)
      fields.push_back(table.i64(extent));
    return table.array(fields);
  }

  Constant *emitNet(const NetEntry &net) {
    int64_t index = functionIndex(net.function);
    Fields dims, inputs;
    const Function &function = *program.module.functions[index];
    const Attr *stated = function.attrs.find("defaults");
    auto find = [&](const std::string &name) {
      return stated ? stated->asDict().find(name) : nullptr;
    };
    for (const std::string &dim : function.dimSymbols()) {
      const Attr *known = find(dim);
      dims.push_back(table.i64(known ? known->asInt() : -1));
    }
    for (int64_t i = 0; i < inputCount(function); ++i) {
      const Attr *input = function.argAttrs[i].find("input");
      const Attr *known = input ? find(input->asString()) : nullptr;
      inputs.push_back(known ? table.text(known->str()) : table.null());
    }
    return table.structure(
        {table.text(net.name), table.i32(index), table.array(dims),
         table.array(inputs),
         net.graph.empty() ? table.null() : table.text(net.graph)});
  }

  Constant *emitVariable(const Variable &variable) {
    std::vector<int64_t> shape;
    for (const Dim &extent : variable.type.shape())
      shape.push_back(extent.value());
    return table.structure({
        table.text(variable.path),
        table.i32(variable.kind),
        table.i32(static_cast<int64_t>(variable.type.elem())),
        table.i32(variable.type.rank()),
        extents(shape),
    });
  }

  Constant *emitLiteral(const Tensor &tensor) {
    llvm::Type *element = memoryType(module.getContext(), tensor.elem);
    Fields elements;
    for (double value : tensor.data)
      elements.push_back(
          isFloat(tensor.elem)
              ? llvm::ConstantFP::get(element, value)
              : static_cast<Constant *>(llvm::ConstantInt::get(
                    element, static_cast<int64_t>(value), true)));
    return table.array(elements);
  }

  Constant *emitSource(const DataSource &source) {
    Fields columns;
    for (const DataColumn &column : source.columns)
      columns.push_back(table.structure({
          table.text(column.name),
          table.i32(column.from),
          table.i32(column.to),
          column.path.empty() ? table.null() : table.text(column.path),
          column.member.empty() ? table.null() : table.text(column.member),
          table.i32(static_cast<int64_t>(column.literal.elem)),
          table.i32(column.literal.rank()),
          extents(column.literal.shape),
          emitLiteral(column.literal),
      }));
    return table.structure({table.i32(source.kind), count(columns),
                            table.array(columns), table.i64(source.stride)});
  }

  Fields indices(const std::vector<int64_t> &list) {
    Fields fields;
    for (int64_t each : list)
      fields.push_back(table.i32(each));
    return fields;
  }

  static std::string fileOf(const Location &location) {
    return location.file ? *location.file : "";
  }

  Fields emitEvaluations(const std::vector<Evaluation> &list) {
    Fields fields;
    for (const Evaluation &each : list) {
      Fields sources = indices(each.sources);
      fields.push_back(table.structure({
          table.text(each.text),
          table.i32(functionIndex(each.function)),
          table.i32(each.set),
          count(sources),
          table.array(sources),
      }));
    }
    return fields;
  }

  Constant *emitTrain(const TrainEntry &train) {
    Fields steps, starts, clauses;
    for (const std::string &clause : train.clauses)
      clauses.push_back(table.text(clause));
    for (const StepEntry &step : train.steps)
      steps.push_back(table.structure({
          table.text(step.name),
          table.i32(functionIndex(step.function)),
          table.i32(functionIndex(step.updateFunction)),
          table.i32(functionIndex(step.gradientFunction)),
          table.i64(step.every),
          table.text(fileOf(step.lossLocation)),
          table.i32(step.lossLocation.line),
          table.i32(step.lossLocation.column),
      }));
    Fields metrics = emitEvaluations(train.metrics),
           pictures = emitEvaluations(train.pictures);
    for (const StartEntry &start : train.starts)
      starts.push_back(
          table.structure({table.text(start.path), table.text(start.file)}));
    Fields sources = indices(train.sources);
    return table.structure({
        table.text(train.name),
        count(steps),
        table.array(steps),
        table.i32(functionIndex(train.initFunction)),
        count(sources),
        table.array(sources),
        count(metrics),
        table.array(metrics),
        count(pictures),
        table.array(pictures),
        count(starts),
        table.array(starts),
        table.i64(train.batch),
        table.i64(train.epochs),
        table.i64(train.seed),
        table.i64(train.accumulate),
        table.i64(train.patience),
        table.f64(train.hold),
        table.boolean(train.shuffle),
        table.boolean(train.seedGiven),
        table.boolean(train.keepsBest),
        table.boolean(train.highestIsBest),
        count(clauses),
        table.array(clauses),
    });
  }

  Constant *emitTest(const TestEntry &test) {
    Fields expects;
    for (const ExpectEntry &expect : test.expects)
      expects.push_back(table.structure({
          table.text(expect.text),
          table.text(fileOf(expect.location)),
          table.i32(expect.location.line),
          table.i32(expect.location.column),
          table.i32(expect.comparison),
          table.i32(expect.left),
          table.i32(expect.right),
          table.boolean(expect.within.has_value()),
          table.f64(expect.within.value_or(0)),
      }));
    return table.structure({
        table.text(test.name),
        table.i32(functionIndex(test.function)),
        count(expects),
        table.array(expects),
        table.boolean(test.afterTrain),
    });
  }

  llvm::Module &module;
  const Target &target;
  const Program &program;
  TableBuilder table;
  KernelFunctions kernels;
  std::unordered_map<std::string, int64_t> variableIndices;
};

} // namespace

llvm::GlobalVariable *emitProgram(llvm::Module &module, const Target &target,
                                  const Program &program) {
  return ProgramEmitter(module, target, program).emit();
}

/// Something that another object defines.
static llvm::GlobalVariable *external(llvm::Module &module,
                                      const std::string &name) {
  return new llvm::GlobalVariable(
      module, llvm::Type::getInt8Ty(module.getContext()), true,
      llvm::GlobalValue::ExternalLinkage, nullptr, name);
}

void emitProgramList(llvm::Module &module, const Program &program,
                     llvm::ArrayRef<const Target *> targets) {
  TableBuilder table(module);
  Fields programs;
  for (const Target *target : targets) {
    // One of them may be defined in this very module.
    llvm::GlobalVariable *known = module.getNamedGlobal(programSymbol(*target));
    programs.push_back(known ? known
                             : external(module, programSymbol(*target)));
  }
  auto *type = llvm::ArrayType::get(programs[0]->getType(), programs.size());
  new llvm::GlobalVariable(
      module, type, true, llvm::GlobalValue::ExternalLinkage,
      llvm::ConstantArray::get(type, programs), "nnrt_programs");
  Constant *size = table.i32(static_cast<int64_t>(programs.size()));
  new llvm::GlobalVariable(module, size->getType(), true,
                           llvm::GlobalValue::ExternalLinkage, size,
                           "nnrt_program_count");
  Fields commands = {external(module, "nnrt_info"),
                     external(module, "nnrt_bench")};
  if (!program.nets.empty())
    commands.push_back(external(module, "nnrt_run"));
  if (!program.tests.empty())
    commands.push_back(external(module, "nnrt_test"));
  if (!program.trains.empty()) {
    commands.push_back(external(module, "nnrt_train"));
    commands.push_back(external(module, "nnrt_grad"));
  }
  Constant *list =
      table.structure({table.i32(static_cast<int64_t>(commands.size())),
                       table.array(commands)});
  new llvm::GlobalVariable(module, list->getType(), true,
                           llvm::GlobalValue::ExternalLinkage, list,
                           "nnrt_commands");
}

} // namespace nnc
