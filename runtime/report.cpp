//===- runtime/report.cpp -------------------------------------------------===//
#include "runtime/report.h"
#include "runtime/atomic_file.h"
#include "runtime/json.h"
#include "runtime/output.h"
#include "runtime/report_page.h"

#include <algorithm>
#include <cinttypes>
#include <cmath>
#include <ctime>

namespace nnrt {

/// Examples of which pictures are shown.
static constexpr int64_t mostPictures = 12;

static void appendNumber(Text &json, double value) {
  if (std::isfinite(value))
    json.format("%.9g", value);
  else
    json.append("null");
}

static void appendNumbers(Text &json, const Array<double> &values) {
  json.append("[");
  for (int64_t i = 0; i < values.size(); ++i) {
    json.append(i ? "," : "");
    appendNumber(json, values[i]);
  }
  json.append("]");
}

/// RFC 4648, section 4.
static void appendBase64(Text &text, const Text &bytes) {
  constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto *at = reinterpret_cast<const unsigned char *>(bytes.c_str());
  for (int64_t left = bytes.size(); left > 0; left -= 3, at += 3) {
    uint32_t group = uint32_t(at[0]) << 16;
    if (left > 1)
      group |= uint32_t(at[1]) << 8;
    if (left > 2)
      group |= at[2];
    const char four[] = {digits[group >> 18], digits[group >> 12 & 63],
                         left > 1 ? digits[group >> 6 & 63] : '=',
                         left > 2 ? digits[group & 63] : '='};
    text.append(four, 4);
  }
}

void Curve::add(double x, double y) {
  constexpr int64_t most = 800;
  if (!std::isfinite(y))
    return;
  if (!points.empty() && points.back().count < width) {
    Point &last = points.back();
    last = {last.x + x, last.y + y, last.count + 1};
    return;
  }
  if (points.size() == most) {
    for (int64_t i = 0; i < most / 2; ++i) {
      const Point &a = points[2 * i], &b = points[2 * i + 1];
      points[i] = {a.x + b.x, a.y + b.y, a.count + b.count};
    }
    points.resize(most / 2);
    width *= 2;
  }
  points.push({x, y, 1});
}

void Curve::appendTo(Text &json) const {
  Array<double> x, y;
  for (const Point &point : points) {
    x.push(point.x / double(point.count));
    y.push(point.y / double(point.count));
  }
  json.append("\"x\":");
  appendNumbers(json, x);
  json.append(",\"y\":");
  appendNumbers(json, y);
}

bool BlockRecord::bind(const Program &program, const Train &block,
                       const BlockData &data, int64_t batch, int64_t seed,
                       const Variables &variables, const Team &team,
                       const DataOptions &options, Error &error) {
  losses.resize(block.stepCount);
  values.resize(block.metricCount);
  for (int32_t i = 0; i < block.stepCount; ++i) {
    const Step &step = block.steps[i];
    if (step.gradientFunction < 0)
      continue;
    const Function &function = program.functions[step.gradientFunction];
    Gradients &entry = derived.push({&step, &function, {}, {}, {}});
    Array<int32_t> columnOf;
    if (!data.set.bind(function, batch, variables, team, entry.call, columnOf,
                       error))
      return false;
    data.set.gather(entry.call, function, columnOf, data.trained.data(), batch);
    entry.call.setScalar(SlotKind::Seed, seed);
    for (SlotKind kind : {SlotKind::Step, SlotKind::Epoch, SlotKind::Steps})
      entry.call.setScalar(kind, 1);
  }
  for (int32_t i = 0; i < block.pictureCount; ++i) {
    const Evaluation &picture = block.pictures[i];
    Picture &entry = drawn.push(
        {&picture, &program.functions[picture.function].results[0], {}, {}});
    if (!bindEvaluation(program, picture, "picture", data, mostPictures,
                        variables, team, options, entry.call, error))
      return false;
  }
  return true;
}

void BlockRecord::loss(int64_t step, double epoch, double value) {
  losses[step].add(epoch, value);
}

void BlockRecord::metrics(int64_t epoch, const Metrics &now) {
  for (int64_t i = 0; i < values.size(); ++i)
    values[i].add(double(epoch), now.value(i));
}

void BlockRecord::finish(const Metrics &now) {
  for (int64_t i = 0; i < values.size(); ++i)
    final.push(now.value(i));
}

bool BlockRecord::gradients(double epoch, Team &team, Error &error) {
  for (Gradients &entry : derived) {
    if (!entry.epochs.empty() && entry.epochs.back() == epoch)
      continue;
    if (!entry.call.run(team, error))
      return false;
    entry.epochs.push(epoch);
    for (int32_t i = 0; i < entry.function->resultCount; ++i) {
      const Slot &slot = entry.function->results[i];
      if (slot.kind != SlotKind::Gradient)
        continue;
      int64_t count = elementCount(entry.call.resultShape(i), slot.rank);
      double sum = 0;
      for (int64_t k = 0; k < count; ++k) {
        double x = elementAsDouble(rawType(slot.elem), entry.call.result(i), k);
        sum += x * x;
      }
      entry.norms.push(std::sqrt(sum));
    }
  }
  return true;
}

bool BlockRecord::pictures(Team &team, Error &error) {
  for (Picture &entry : drawn) {
    if (!evaluate(entry.call, team, error))
      return false;
    Result result{entry.slot, entry.call.resultShape(0), entry.call.result(0)};
    Text &json = entry.shown.push({});
    Pictures pictures;
    // What cannot be drawn (a NaN in it) ends no training.
    Error problem;
    Slot slot = *entry.slot;
    slot.name = "it"; // An expression has no name.
    result.slot = &slot;
    if (!pictures.find(result, Format::Png, problem)) {
      appendJsonString(json, problem.message());
      continue;
    }
    json.append("[");
    int64_t count = std::min(pictures.count(), mostPictures);
    for (int64_t i = 0; i < count; ++i) {
      json.append(i ? ",\"" : "\"");
      appendBase64(json, pictures.draw(i));
      json.append("\"");
    }
    json.append("]");
  }
  return true;
}

Text BlockRecord::text(const Text &facts, const Losses &labels,
                       const Metrics &metrics) const {
  Text json("{");
  json.append(facts.c_str()).append("\"losses\":[");
  for (int64_t i = 0; i < losses.size(); ++i) {
    json.append(i ? ",{\"label\":" : "{\"label\":");
    appendJsonString(json, labels.labels[i].c_str());
    json.append(",");
    losses[i].appendTo(json);
    json.append("}");
  }
  json.append("],\"metrics\":[");
  for (int64_t i = 0; i < values.size(); ++i) {
    json.append(i ? ",{\"label\":" : "{\"label\":");
    appendJsonString(json, metrics.label(i));
    json.append(",\"text\":");
    appendJsonString(json, metrics.text(i));
    json.append(",");
    values[i].appendTo(json);
    json.append("}");
  }
  json.append("],\"final\":");
  appendNumbers(json, final);
  json.append(",\"gradients\":[");
  for (int64_t i = 0; i < derived.size(); ++i) {
    const Gradients &entry = derived[i];
    json.append(i ? ",{\"step\":" : "{\"step\":");
    appendJsonString(json, entry.step->name);
    json.append(",\"names\":[");
    bool first = true;
    for (int32_t k = 0; k < entry.function->resultCount; ++k)
      if (entry.function->results[k].kind == SlotKind::Gradient) {
        json.append(first ? "" : ",");
        appendJsonString(json, entry.function->results[k].name);
        first = false;
      }
    json.append("],\"epochs\":");
    appendNumbers(json, entry.epochs);
    json.append(",\"norms\":");
    appendNumbers(json, entry.norms);
    json.append("}");
  }
  json.append("],\"pictures\":[");
  for (int64_t i = 0; i < drawn.size(); ++i) {
    json.append(i ? ",{\"text\":" : "{\"text\":");
    appendJsonString(json, drawn[i].evaluation->text);
    json.append(",\"shown\":[");
    for (int64_t k = 0; k < drawn[i].shown.size(); ++k)
      json.append(k ? "," : "").append(drawn[i].shown[k].c_str());
    json.append("]}");
  }
  return std::move(json.append("]}"));
}

void Report::add(const Text &block) {
  blocks.append(blocks.empty() ? "" : ",").append(block.c_str());
}

bool Report::write(const Program &program, Error &error) const {
  Text json("{\"program\":");
  appendJsonString(json, program.name);
  json.append(",\"producer\":");
  appendJsonString(json, program.producer);
  json.append(",\"target\":");
  appendJsonString(json, program.target);
  std::time_t time = std::time(nullptr);
  char date[32] = "";
  std::strftime(date, sizeof date, "%Y-%m-%d %H:%M", std::localtime(&time));
  json.append(",\"date\":\"").append(date).append("\",\"blocks\":[");
  // No printf: pictures can make it longer than an int counts.
  json.append(blocks.c_str(), blocks.size()).append("],\"nets\":[");
  bool first = true;
  for (int32_t i = 0; i < program.netCount; ++i)
    if (const char *graph = program.nets[i].graph) {
      json.append(first ? "" : ",").append(graph);
      first = false;
    }
  json.append("]}");
  const char *place = std::strstr(reportPage, "@DATA@");
  const char *rest = place + std::strlen("@DATA@");
  AtomicFile file;
  return file.open(path, error) &&
         file.write(reportPage, place - reportPage, error) &&
         file.write(json.c_str(), json.size(), error) &&
         file.write(rest, int64_t(std::strlen(rest)), error) &&
         file.commit(error);
}

} // namespace nnrt
