//===- runtime/report.h - A page about a training -------------------------===//
#ifndef NNRT_REPORT_H
#define NNRT_REPORT_H

#include "runtime/evaluation.h"
#include "runtime/metrics.h"
#include "runtime/progress.h"

namespace nnrt {

/// `train --report FILE`: a page in HTML that needs nothing else, with curves
/// of losses, metrics and gradients, pictures, and the graphs of the nets.
/// report.html says how it looks; here is what it is told, as JSON.
class Report {
public:
  explicit Report(const char *path) : path(path) {}

  bool isOpen() const { return path; }
  /// No block has begun: there is nothing to say.
  bool isEmpty() const { return blocks.empty(); }
  /// Adds what a block recorded.
  void add(const Text &block);
  bool write(const Program &program, Error &error) const;

private:
  const char *path;
  Text blocks;
};

/// A value over time. Of many values neighbours are averaged, so that no more
/// than some hundred points remain.
class Curve {
public:
  void add(double x, double y);
  void appendTo(Text &json) const;

private:
  struct Point {
    double x, y; ///< Sums.
    int64_t count;
  };
  Array<Point> points;
  int64_t width = 1; ///< Values that a full point stands for.
};

/// What one block does while it trains.
class BlockRecord {
public:
  /// Binds the gradients and pictures of the block. `batch` examples of the
  /// data are what gradients are taken of.
  bool bind(const Program &program, const Train &train, const BlockData &data,
            int64_t batch, int64_t seed, const Variables &variables,
            const Team &team, const DataOptions &options, Error &error);

  /// Of the block's step with this number.
  void loss(int64_t step, double epoch, double value);
  void metrics(int64_t epoch, const Metrics &metrics);
  /// What the metrics are in the end, where the best weights may be back.
  void finish(const Metrics &metrics);
  /// Takes the gradients' norms, with the weights as they are; once for a
  /// place.
  bool gradients(double epoch, Team &team, Error &error);
  bool pictures(Team &team, Error &error);

  /// All of it; `facts` are members of an object: `"epochs": 5, `.
  Text text(const Text &facts, const Losses &losses,
            const Metrics &metrics) const;

private:
  struct Gradients {
    const Step *step;
    const Function *function;
    Call call;
    Array<double> epochs;
    Array<double> norms; ///< For each epoch one of each gradient.
  };
  struct Picture {
    const Evaluation *evaluation;
    const Slot *slot;
    Call call;
    Array<Text> shown; ///< As JSON, one for each time.
  };
  Array<Curve> losses, values;
  Array<double> final; ///< Of each metric, at the end.
  Array<Gradients> derived;
  Array<Picture> drawn;
};

} // namespace nnrt

#endif // NNRT_REPORT_H
