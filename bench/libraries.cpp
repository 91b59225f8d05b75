// What libraries take for the single layers of networks.py, called directly:
// OpenBLAS, libxsmm (one thread) and oneDNN, which may choose its layouts.
// Prints "WORKLOAD MILLISECONDS LIBRARY", the fastest call of those in half a
// second. networks.py runs this; install_peers.sh builds it.
//
// usage: libraries THREADS KIND:NAME:BATCH...
//
// OMP_NUM_THREADS and OPENBLAS_NUM_THREADS must say the same number.
#include <algorithm>
#include <cblas.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <functional>
#include <libxsmm.h>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using namespace dnnl;
using Tag = memory::format_tag;
using Dims = memory::dims;
using Arguments = std::unordered_map<int, memory>;
constexpr auto f32 = memory::data_type::f32;

const engine &cpu() {
  static const engine it(engine::kind::cpu, 0);
  return it;
}

memory::desc described(const Dims &dims, Tag tag = Tag::any) {
  return {dims, f32, tag};
}

memory filled(const memory::desc &desc) {
  memory result(desc, cpu());
  auto *data = static_cast<float *>(result.get_data_handle());
  for (size_t i = 0; i < desc.get_size() / sizeof(float); ++i)
    data[i] = float(std::rand()) / float(RAND_MAX) - 0.5f;
  return result;
}

double now() {
  using namespace std::chrono;
  return duration<double>(steady_clock::now().time_since_epoch()).count();
}

/// Many calls between two looks at the clock where one takes nothing.
double fastest(const std::function<void()> &run) {
  run();
  double begin = now();
  run();
  int calls = now() - begin > 1e-5 ? 1 : 100;
  double best = 1e9, end = now() + 0.5;
  for (int count = 0; count < 3 || now() < end; ++count) {
    double start = now();
    for (int i = 0; i < calls; ++i)
      run();
    best = std::min(best, (now() - start) / calls);
  }
  return best * 1e3;
}

void report(const char *workload, const char *library,
            const std::function<void()> &run) {
  std::printf("%s %.6g %s\n", workload, fastest(run), library);
  std::fflush(stdout);
}

void product(const char *workload, int rows, int size, bool alone) {
  std::vector<float> a(size_t(rows) * size, 0.5f),
      b(size_t(size) * size, 0.25f), c(size_t(rows) * size);
  report(workload, "OpenBLAS", [&] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, size, size, 1,
                a.data(), size, b.data(), size, 0, c.data(), size);
  });
  auto left = described({rows, size}, Tag::ab),
       right = described({size, size}, Tag::ab);
  matmul multiply(matmul::primitive_desc({left, right, left}, cpu()));
  Arguments arguments{{DNNL_ARG_SRC, filled(left)},
                      {DNNL_ARG_WEIGHTS, filled(right)},
                      {DNNL_ARG_DST, filled(left)}};
  stream queue(cpu());
  report(workload, "oneDNN", [&] { multiply.execute(queue, arguments); });
  // Its columns are our rows.
  libxsmm_mmfunction<float> kernel(LIBXSMM_GEMM_FLAG_NONE, size, rows, size, 1,
                                   0);
  if (alone && size <= 256 && kernel)
    report(workload, "libxsmm", [&] { kernel(b.data(), a.data(), c.data()); });
}

struct Layer {
  convolution_forward primitive;
  Arguments arguments;
};

/// Of stride 1, with its bias. `input` is the layer before; null: none.
Layer convolution(const Dims &from, const Dims &weights, const Dims &to,
                  bool relu, const memory *input) {
  memory::dim pad = weights.back() / 2, channels = to[1];
  convolution_forward::desc desc(
      prop_kind::forward_inference, algorithm::convolution_auto,
      input ? input->get_desc() : described(from), described(weights),
      described({channels}, Tag::a), described(to), {1, 1}, {pad, pad},
      {pad, pad});
  primitive_attr attributes;
  post_ops after;
  if (relu)
    after.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
  attributes.set_post_ops(after);
  convolution_forward::primitive_desc made(desc, attributes, cpu());
  return {convolution_forward(made),
          {{DNNL_ARG_SRC, input ? *input : filled(made.src_desc())},
           {DNNL_ARG_WEIGHTS, filled(made.weights_desc())},
           {DNNL_ARG_BIAS, filled(made.bias_desc())},
           {DNNL_ARG_DST, filled(made.dst_desc())}}};
}

void convolutions(const char *workload, const std::string &name) {
  std::vector<Layer> layers;
  if (name == "Conv3x3")
    layers = {convolution({1, 64, 56, 56}, {64, 64, 3, 3}, {1, 64, 56, 56},
                          false, nullptr)};
  else if (name == "Direct5x5")
    layers = {convolution({1, 192, 28, 28}, {32, 192, 5, 5}, {1, 32, 28, 28},
                          false, nullptr)};
  else if (name == "Depthwise")
    layers = {convolution({1, 144, 56, 56}, {144, 1, 1, 3, 3}, {1, 144, 56, 56},
                          false, nullptr)};
  else if (name == "Bottleneck") {
    layers = {convolution({1, 192, 28, 28}, {16, 192, 1, 1}, {1, 16, 28, 28},
                          true, nullptr)};
    memory middle = layers[0].arguments.at(DNNL_ARG_DST);
    layers.push_back(convolution({1, 16, 28, 28}, {32, 16, 5, 5},
                                 {1, 32, 28, 28}, false, &middle));
  }
  if (layers.empty())
    return;
  stream queue(cpu());
  report(workload, "oneDNN", [&] {
    for (Layer &layer : layers)
      layer.primitive.execute(queue, layer.arguments);
  });
}

/// 64 steps of 128 to 256.
void recurrence(const char *workload, bool gated, memory::dim batch) {
  memory::dim gates = gated ? 4 : 1;
  auto x = described({64, batch, 128}, Tag::tnc),
       y = described({64, batch, 256}, Tag::tnc),
       input = described({1, 1, 128, gates, 256}),
       own = described({1, 1, 256, gates, 256}),
       bias = described({1, 1, gates, 256}, Tag::ldgo);
  auto run = [&](const auto &made, const primitive &step) {
    Arguments arguments{
        {DNNL_ARG_SRC_LAYER, filled(made.src_layer_desc())},
        {DNNL_ARG_WEIGHTS_LAYER, filled(made.weights_layer_desc())},
        {DNNL_ARG_WEIGHTS_ITER, filled(made.weights_iter_desc())},
        {DNNL_ARG_BIAS, filled(made.bias_desc())},
        {DNNL_ARG_DST_LAYER, filled(made.dst_layer_desc())}};
    stream queue(cpu());
    report(workload, "oneDNN", [&] { step.execute(queue, arguments); });
  };
  auto forwards = rnn_direction::unidirectional_left2right;
  if (gated) {
    lstm_forward::primitive_desc made(
        lstm_forward::desc(prop_kind::forward_inference, forwards, x, {}, {},
                           input, own, bias, y, {}, {}),
        cpu());
    run(made, lstm_forward(made));
  } else {
    vanilla_rnn_forward::primitive_desc made(
        vanilla_rnn_forward::desc(prop_kind::forward_inference,
                                  algorithm::eltwise_tanh, forwards, x, {},
                                  input, own, bias, y, {}),
        cpu());
    run(made, vanilla_rnn_forward(made));
  }
}

} // namespace

int main(int count, char **words) {
  if (count < 2)
    return 1;
  bool alone = !std::strcmp(words[1], "1");
  for (int i = 2; i < count; ++i) {
    std::string workload = words[i];
    if (workload.rfind("net:", 0))
      continue;
    size_t colon = workload.rfind(':');
    std::string name = workload.substr(4, colon - 4);
    int batch = std::atoi(workload.c_str() + colon + 1);
    if (!name.rfind("Matmul", 0) || !name.rfind("Matvec", 0)) {
      int size = std::atoi(name.c_str() + 6);
      product(words[i], name[3] == 'm' ? size : 1, size, alone);
    } else if (name == "Lstm" || name == "Rnn") {
      recurrence(words[i], name == "Lstm", batch);
    } else {
      convolutions(words[i], name);
    }
  }
}
