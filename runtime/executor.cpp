//===- runtime/executor.cpp -----------------------------------------------===//
#include "runtime/executor.h"
#include "runtime/plan.h"
#include "runtime/sizes.h"

#include <algorithm>
#include <cctype>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <unistd.h>

namespace nnrt {

const int64_t *Call::argumentShape(int64_t i) const {
  return shapes.data() + firstAxis[i];
}

const int64_t *Call::resultShape(int64_t i) const {
  return shapes.data() + firstAxis[function->argCount + i];
}

/// "B is 4 by axis 0 of x": where the dimensions that the text of an axis
/// names got their values.
Text Call::boundBy(const char *axis) const {
  Text text;
  for (int32_t d = 0; d < function->dimCount; ++d) {
    const char *name = function->dimNames[d];
    bool named = false;
    size_t length = std::strlen(name);
    for (const char *at = std::strstr(axis, name); at && !named;
         at = std::strstr(at + 1, name))
      named = (at == axis || !std::isalnum((unsigned char)at[-1])) &&
              !std::isalnum((unsigned char)at[length]);
    if (!named)
      continue;
    Origin origin = origins[d];
    text.format("%s%s is %" PRId64, text.empty() ? "" : ", ", name, dims[d]);
    if (origin.argument >= 0)
      text.format(" by axis %d of %s", origin.axis,
                  function->args[origin.argument].name);
    else
      text.format(" by --%s", name);
  }
  return text;
}

bool Call::bindAxes(int32_t argument, const int64_t *extents, int32_t count,
                    Error &error) {
  const Slot &slot = function->args[argument];
  for (int32_t axis = 0; axis < count; ++axis) {
    int32_t d = slot.axisDims[axis];
    if (d < 0)
      continue;
    if (dims[d] < 0) {
      dims[d] = extents[axis];
      origins[d] = {argument, axis};
      continue;
    }
    if (dims[d] != extents[axis])
      return error.set("axis %d of %s is %" PRId64 ", but %s", axis, slot.name,
                       extents[axis], boundBy(slot.axes[axis]).c_str());
  }
  return true;
}

static Text axesText(const Slot &slot) {
  Text text("[");
  for (int32_t i = 0; i < slot.rank; ++i)
    text.append(i ? ", " : "").append(slot.axes[i]);
  text.append("]");
  return text;
}

bool Call::bindDims(const Offer *offers, const int64_t *given, Error &error) {
  dims.resize(function->dimCount + function->keeps);
  origins.resize(function->dimCount);
  for (int32_t d = 0; d < function->dimCount; ++d) {
    dims[d] = given ? given[d] : -1;
    origins[d] = {-1, -1};
  }
  for (int32_t i = 0; i < function->argCount; ++i) {
    const Slot &slot = function->args[i];
    if (slot.kind != SlotKind::Input)
      continue;
    const Offer &offer = offers[i];
    if (!offer.given)
      return error.set("%s needs a value for %s", function->name, slot.name);
    bool sameRank = offer.shape.rank == slot.rank;
    if (!sameRank && (offer.exact || !slot.rank || !offer.shape.rank))
      return error.set(
          "%s has %d axes %s, but its value has %d: %s", slot.name, slot.rank,
          axesText(slot).c_str(), offer.shape.rank,
          shapeText(offer.shape.extents, offer.shape.rank).c_str());
    if (!bindAxes(i, offer.shape.extents, sameRank ? slot.rank : 1, error))
      return false;
  }
  for (int32_t d = 0; d < function->dimCount; ++d)
    if (dims[d] < 0)
      return error.set("the dimension %s of %s has no value: nothing given "
                       "determines it (--%s N does)",
                       function->dimNames[d], function->name,
                       function->dimNames[d]);
  // A text may be empty, and a loop over it has no turn; of no examples there
  // is no mean, nor a largest.
  int32_t batch = batchDim(*function);
  if (batch >= 0 && dims[batch] == 0)
    return error.set("there are no examples: %s",
                     boundBy(function->dimNames[batch]).c_str());
  return true;
}

bool Call::checkArgument(int32_t argument, const Offer &offer,
                         const int64_t *offered, bool exact,
                         Error &error) const {
  const Slot &slot = function->args[argument];
  const int64_t *wanted = argumentShape(argument);
  for (int32_t axis = 0; axis < (exact ? slot.rank : 1); ++axis)
    if (offered[axis] != wanted[axis]) {
      Text why = boundBy(slot.axes[axis]);
      Text is;
      is.format("axis %d of %s is %" PRId64 ", but its %s is", axis, slot.name,
                offered[axis], slot.axes[axis]);
      if (why.empty())
        return error.set("axis %d of %s is %" PRId64 ", but must be %" PRId64,
                         axis, slot.name, offered[axis], wanted[axis]);
      return error.set("%s %" PRId64 ": %s", is.c_str(), wanted[axis],
                       why.c_str());
    }
  if (!exact) {
    int64_t have, want;
    if (!checkedProduct(offered, offer.shape.rank, 1, have) ||
        !checkedProduct(wanted, slot.rank, 1, want) || have != want)
      return error.set("%s is %s, which %s cannot be reshaped to", slot.name,
                       shapeText(wanted, slot.rank).c_str(),
                       shapeText(offered, offer.shape.rank).c_str());
  }
  return true;
}

/// Compiled code counts along an axis in i32.
bool Call::checkAxes(Error &error) const {
  for (int32_t i = 0; i < function->argCount + function->resultCount; ++i) {
    const Slot &slot = slotOf(*function, i);
    for (int32_t axis = 0; axis < slot.rank; ++axis)
      if (int64_t size = shapes[firstAxis[i] + axis]; size > INT32_MAX)
        return error.limit("axis %d of %s is %" PRId64 ": an axis of 2^31 "
                           "elements or more is not supported yet",
                           axis, slot.name, size);
  }
  return true;
}

bool Call::bind(const Function &source, const Offer *offers,
                const int64_t *given, const Variables &held, const Team &team,
                Error &error) {
  function = &source;
  variables = &held;
  version = -1;
  bool done = bindDims(offers, given, error);
  if (done) {
    int64_t axes = 0;
    int32_t slots = function->argCount + function->resultCount;
    firstAxis.resize(slots + 1);
    for (int32_t i = 0; i < slots; ++i) {
      firstAxis[i] = axes;
      axes += slotOf(*function, i).rank;
    }
    firstAxis[slots] = axes;
    shapes.resize(axes + function->temporaryCount + 1);
    function->shapes(dims.data(), shapes.data());
    done = checkAxes(error);
    for (int32_t i = 0; i < function->argCount && done; ++i)
      if (function->args[i].kind == SlotKind::Input)
        done = checkArgument(i, offers[i], offers[i].shape.extents,
                             offers[i].exact, error);
  }
  changesVariables = false;
  for (int32_t i = 0; i < function->resultCount; ++i)
    changesVariables |= function->results[i].kind == SlotKind::Variable;
  return done && allocate(held, team, error);
}

bool Call::allocate(const Variables &variables, const Team &team,
                    Error &error) {
  int32_t slots = function->argCount + function->resultCount;
  int32_t count = slots + function->temporaryCount;
  pointers.resize(count);
  buffers.clear();
  scratch.clear();
  spares.clear();
  int64_t touched = 0;
  for (int32_t i = 0; i < slots; ++i) {
    const Slot &slot = slotOf(*function, i);
    int64_t bytes;
    const int64_t *extents = shapes.data() + firstAxis[i];
    if (!checkedProduct(extents, slot.rank, elemSize(slot.elem), bytes))
      return error.set("the size %s of %s in %s is not possible",
                       shapeText(extents, slot.rank).c_str(), slot.name,
                       function->name);
    touched += std::min(bytes, smallFunction);
    if (slot.kind == SlotKind::Variable) {
      pointers[i] = variables.data(slot.variable);
      continue;
    }
    if (!buffers.push({}).allocate(bytes, slot.name, error))
      return false;
    pointers[i] = buffers.back().data();
  }

  Text what;
  what.format("the temporaries of %s", function->name);
  const int64_t *sizes = shapes.data() + firstAxis[slots];
  Array<PlanItem> items;
  Array<int64_t> offsets;
  for (int32_t i = 0; i < function->temporaryCount; ++i)
    items.push({sizes[i], function->temporaries[i].firstUse,
                function->temporaries[i].lastUse});
  offsets.resize(items.size());
  int64_t arena = planMemory(items.data(), items.size(), offsets.data());
  if (arena < 0)
    return error.set("out of memory: the size of %s overflows", what.c_str());
  touched += arena;
  if (guardBuffers) {
    for (int32_t i = 0; i < function->temporaryCount; ++i) {
      if (!buffers.push({}).allocate(sizes[i], what.c_str(), error))
        return false;
      pointers[slots + i] = buffers.back().data();
    }
  } else if (arena) {
    if (!buffers.push({}).allocate(arena, what.c_str(), error))
      return false;
    for (int32_t i = 0; i < function->temporaryCount; ++i)
      pointers[slots + i] =
          static_cast<char *>(buffers.back().data()) + offsets[i];
  }

  threads = function->alone ? 1 : team.threadsFor(touched);
  scratchPointers.resize(threads);
  for (int32_t i = 0; i < threads; ++i) {
    if (!scratch.push({}).allocate(sizes[function->temporaryCount],
                                   what.c_str(), error))
      return false;
    scratchPointers[i] = scratch.back().data();
  }
  return true;
}

bool Call::addSpares(Error &error) {
  int64_t place = 0;
  for (int32_t i = 0; i < function->argCount; ++i) {
    const Slot &slot = function->args[i];
    if (slot.kind == SlotKind::Input &&
        !spares.push({i, place, {}})
             .buffer.allocate(buffers[place].size(), slot.name, error))
      return false;
    place += slot.kind != SlotKind::Variable;
  }
  return true;
}

void *Call::spare(int64_t i) const {
  for (const Spare &each : spares)
    if (each.argument == i)
      return each.buffer.data();
  return nullptr;
}

void Call::exchangeSpares() {
  for (Spare &each : spares) {
    buffers[each.place].swap(each.buffer);
    pointers[each.argument] = buffers[each.place].data();
  }
}

int64_t Call::inputBytes() const {
  int64_t sum = 0;
  for (int32_t i = 0; i < function->argCount; ++i)
    if (function->args[i].kind == SlotKind::Input)
      sum += elementCount(argumentShape(i), function->args[i].rank) *
             elemSize(function->args[i].elem);
  return sum;
}

int64_t Call::bytes() const {
  int64_t sum = 0;
  for (const Spare &each : spares)
    sum += each.buffer.size();
  for (const Array<Buffer> *list : {&buffers, &scratch})
    for (const Buffer &each : *list)
      sum += each.size();
  return sum;
}

double Call::scalarResult(int64_t i) const {
  return elementAsDouble(rawType(function->results[i].elem), result(i), 0);
}

void Call::setScalar(SlotKind kind, int64_t value) {
  for (int32_t i = 0; i < function->argCount; ++i) {
    const Slot &slot = function->args[i];
    if (slot.kind == kind)
      convert(RawType::I64, &value, slot.elem, pointers[i], 1);
  }
}

bool Call::runWith(Team &team, int threads, Error &error) {
  if (version != variables->version())
    runs = 0;
  version = variables->version();
  if (function->keeps)
    dims[function->dimCount] = runs;
  runs = runs < 2 ? runs + 1 : 2;
  if (changesVariables)
    variables->markChanged();
  return team.runFunction(*function, pointers.data(), dims.data(),
                          scratchPointers.data(), threads, error);
}

bool Call::run(Team &team, Error &error) {
  if (!runWith(team, threads, error))
    return false;
  showPrinted();
  return checkGuards(error);
}

/// As NumPy shortens it: of a long axis the first and the last three.
static void appendShortened(Text &text, const Slot &slot, const void *data,
                            const int64_t *extents, int32_t axis,
                            int64_t place) {
  if (axis == slot.rank) {
    appendElement(text, rawType(slot.elem), data, place);
    return;
  }
  int64_t size = extents[axis];
  text.append("[");
  for (int64_t i = 0; i < size; ++i) {
    text.append(i ? ", " : "");
    if (i == 3 && size > 6) {
      text.append("..., ");
      i = size - 3;
    }
    appendShortened(text, slot, data, extents, axis + 1, place * size + i);
  }
  text.append("]");
}

/// What `print` shows. It goes to stderr: stdout is for results.
void Call::showPrinted() const {
  constexpr int64_t most = 1000; // elements in full
  for (int32_t i = 0; i < function->resultCount; ++i) {
    const Slot &slot = function->results[i];
    if (slot.kind != SlotKind::Print)
      continue;
    const int64_t *extents = resultShape(i);
    Text text;
    text.append(slot.name).append(" = ");
    if (elementCount(extents, slot.rank) > most)
      appendShortened(text, slot, result(i), extents, 0, 0);
    else
      appendTensor(text, rawType(slot.elem), result(i), extents, slot.rank);
    // Over the line that shows the progress of training.
    std::fflush(stdout);
    std::fprintf(stderr, "%s%s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "",
                 text.c_str());
  }
}

bool Call::runAlone(Team &team, Error &error) {
  return runWith(team, 1, error);
}

/// After a run in guard mode: whether the slack behind each buffer is as it
/// was. What lies further out has already stopped the program.
bool Call::checkGuards(Error &error) const {
  if (!guardBuffers)
    return true;
  int64_t buffer = 0;
  for (int32_t i = 0; i < function->argCount + function->resultCount; ++i) {
    const Slot &slot = slotOf(*function, i);
    if (slot.kind != SlotKind::Variable && !buffers[buffer++].intact())
      return error.set("guard: %s wrote past the end of %s", function->name,
                       slot.name);
  }
  for (int32_t i = 0; i < function->temporaryCount; ++i)
    if (!buffers[buffer++].intact())
      return error.set("guard: %s wrote past the end of temporary %d",
                       function->name, i);
  for (const Buffer &each : scratch)
    if (!each.intact())
      return error.set("guard: %s wrote past the end of its scratch memory",
                       function->name);
  return true;
}

bool runOnce(const Function &function, int64_t seed, const Variables &variables,
             Team &team, Error &error) {
  Array<Offer> offers;
  offers.resize(function.argCount);
  Call call;
  if (!call.bind(function, offers.data(), nullptr, variables, team, error))
    return false;
  call.setScalar(SlotKind::Seed, seed);
  for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
    call.setScalar(kind, 1);
  return call.run(team, error);
}

} // namespace nnrt
