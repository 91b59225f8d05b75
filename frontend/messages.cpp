#include "frontend/elaborator_state.h"

namespace nnc {

Diagnostic &ElaboratorState::error(Loc loc, const std::string &message) {
  Diagnostic &result = sink.error(loc, message);
  // An error inside another file's definition comes from a call of this one.
  const Frame *inner = frame;
  while (inner && inner->callLoc.valid() && inner->callLoc.file == loc.file)
    inner = inner->caller;
  if (inner && inner->callable && inner->callLoc.valid() &&
      inner->callable->loc.file == loc.file)
    result.note(inner->callLoc, inner->callable->name.text + " is called here");
  return result;
}

Val ElaboratorState::unsupported(Loc loc, const char *limitation,
                                 const std::string &which) {
  sink.unsupported(loc, limitation + (which.empty() ? "" : ", " + which + ",") +
                            " is not supported yet");
  return {};
}

Diagnostic &ElaboratorState::unknown(const ast::Ident &name,
                                     const std::string &message,
                                     const std::vector<std::string> &known) {
  std::string near = nearest(name.text, known);
  return error(name.loc, message + didYouMean(near))
      .fix(name.loc, name.text.size(), near);
}

void ElaboratorState::unknownName(const ast::Ident &name,
                                  const std::string &what) {
  std::vector<std::string> known;
  for (const auto &[each, value] : frame->values)
    known.push_back(each);
  for (const auto &[each, value] : frame->dims)
    known.push_back(each);
  for (const auto &[each, value] : frame->file->dims)
    known.push_back(each);
  for (const std::string &each : scopes.names(*frame->file))
    known.push_back(each);
  for (const std::string &each : builtinNames())
    known.push_back(each);
  unknown(name, "there is no " + what + " " + name.text, known);
}

/// The name for an activation in Location::layer.
std::shared_ptr<const std::string> ElaboratorState::layerOf(Frame &frame) {
  if (frame.layer || !frame.callable)
    return frame.layer;
  std::string name;
  for (const Frame *each = &frame; each && each->callable;
       each = each->caller) {
    bool isFunction = each->callable->callable == ast::CallableKind::Fn;
    if (!isFunction && each->callable->callable != ast::CallableKind::Layer)
      break;
    name = isFunction ? each->callable->name.text : each->path;
    if (!isFunction)
      break;
  }
  if (!name.empty())
    frame.layer = std::make_shared<const std::string>(std::move(name));
  return frame.layer;
}

Location ElaboratorState::location(Loc loc) {
  if (!loc.valid())
    return {};
  auto &name = fileNames[loc.file];
  if (!name)
    name = std::make_shared<const std::string>(sources.file(loc.file).name());
  LineColumn place = sources.lineColumn(loc);
  return {name, static_cast<int>(place.line), static_cast<int>(place.column),
          frame ? layerOf(*frame) : nullptr};
}

Loc ElaboratorState::outsideStd(Loc loc) {
  for (const Frame *each = frame;
       each && each->callLoc.valid() && location(loc).file->starts_with("std/");
       each = each->caller)
    loc = each->callLoc;
  return loc;
}

} // namespace nnc
