// Takes valid inputs of every reader, damages them, and reads them. The
// readers may refuse, but not crash; a build with sanitizers sees the rest.
// The damage is a function of the round, so a failure can be repeated.
#include "runtime/crc32.h"
#include "runtime/csv.h"
#include "runtime/idx.h"
#include "runtime/image.h"
#include "runtime/literal.h"
#include "runtime/npy.h"
#include "runtime/npz.h"
#include "runtime/philox.h"
#include "runtime/safetensors.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace nnrt;

static uint32_t draw = 0, currentRound = 0;
static uint32_t random(uint32_t bound) {
  return philox({{draw++, currentRound, 0, 0}}, 3, 4).words[0] % bound;
}

/// Flips, inserts, removes, repeats and truncates.
static Text damage(const char *bytes, int64_t size) {
  Array<char> data;
  for (int64_t i = 0; i < size; ++i)
    data.push(bytes[i]);
  for (uint32_t edit = random(6) + 1; edit && data.size(); --edit) {
    auto at = int64_t(random(uint32_t(data.size())));
    switch (random(6)) {
    case 0:
      data[at] = char(random(256));
      break;
    case 1:
      data[at] = "[]{},:\"0189-.eE\\u\n"[random(18)];
      break;
    case 2:
      data[at] = char(data[at] ^ 1 << random(8));
      break;
    case 3:
      data.resize(at);
      break;
    case 4:
      for (int64_t i = at; i + 1 < data.size(); ++i)
        data[i] = data[i + 1];
      data.resize(data.size() - 1);
      break;
    case 5: {
      int64_t length = random(40);
      for (int64_t i = 0; i < length && at + i < data.size(); ++i)
        data.push(char(data[at + i]));
      break;
    }
    }
  }
  Text text;
  text.append(data.data(), data.size());
  return text;
}

static void writeFile(const char *path, const Text &bytes) {
  FILE *file = std::fopen(path, "wb");
  std::fwrite(bytes.c_str(), 1, size_t(bytes.size()), file);
  std::fclose(file);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 1;
  auto rounds = uint32_t(std::atoi(argv[1]));
  const char *path = argv[2];
  float w[6] = {1, 2, 3, 4, 5, 6};
  double b = 7;
  int64_t shape[] = {2, 3};
  TensorView views[] = {{"a.w", ElemType::F32, 2, shape, w},
                        {"a.b", ElemType::F64, 0, nullptr, &b}};
  const int64_t limit = 1 << 20;
  Error error;
  Text safetensors, npy, idx, gzip;
  MetadataEntry note{Text("a"), Text("\"b\"")};
  if (!saveSafetensors(path, views, 2, &note, 1, error) ||
      !readWholeFile(path, limit, safetensors, error))
    return error.report();
  npy = formatNpyHeader(ElemType::F32, shape, 2);
  npy.append(reinterpret_cast<const char *>(w), sizeof w);
  idx.append("\0\0\x0B\2\0\0\0\2\0\0\0\3abcdefghijkl", 24);
  // The same idx, compressed: gzip -n.
  gzip.append("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x18\0\xe7\xff"
              "\0\0\x0B\2\0\0\0\2\0\0\0\3abcdefghijkl"
              "\137\141\145\043\030\000\000\000",
              47);
  const uint8_t pixels[] = {1, 2, 3, 4, 5, 6};
  const int64_t extents[] = {1, 2, 3};
  Text png = formatPng(pixels, extents), pnm = formatPnm(pixels, extents);
  // The npy as the one file of a zip, stored; its checksum is not looked at
  // before all else has been.
  Text npz;
  auto number = [&npz](int64_t value, int bytes) {
    for (; bytes--; value >>= 8) {
      char byte = char(value);
      npz.append(&byte, 1);
    }
  };
  auto entry = [&](const char *signature, int64_t before) {
    npz.append(signature, 4);
    number(0, before);
    number(0, 4); // Flags and method.
    number(0, 4); // Time.
    number(crc32(npy.c_str(), npy.size()), 4);
    number(npy.size(), 4);
    number(npy.size(), 4);
    number(5, 2);
  };
  entry("PK\3\4", 2);
  number(0, 2);
  npz.append("x.npy").append(npy.c_str(), npy.size());
  int64_t directory = npz.size();
  entry("PK\1\2", 4);
  number(0, 16);
  npz.append("x.npy").append("PK\5\6");
  number(0, 4);
  number(1, 2);
  number(1, 2);
  number(51, 4);
  number(directory, 4);
  number(0, 2);
  Tensor whole;
  if (!parseNpz("f", npz.c_str(), npz.size(), "x", whole, error) ||
      !parsePng("f", png.c_str(), png.size(), whole, error) ||
      !parsePnm("f", pnm.c_str(), pnm.size(), whole, error))
    return error.report();
  const char *csv = "2,2,a,b\n1,\"2\"\n3.5e1,-4\n\n5,6\r\n";
  const char *literal = "[[0, 1.5], [-2e3, 1], [4, 5]]";
  const char *json = "{\"__metadata__\":{\"a\":\"\\u0041\"},"
                     "\"t\":{\"dtype\":\"U8\",\"shape\":[1],"
                     "\"more\":[1,{\"b\":\"\\u0041\"}],"
                     "\"data_offsets\":[0,1]}}";
  Text handmade;
  uint64_t length = std::strlen(json);
  handmade.append(reinterpret_cast<const char *>(&length), 8);
  handmade.append(json).append("x");

  int accepted = 0;
  for (currentRound = 0; currentRound < rounds; ++currentRound) {
    draw = 0;
    Tensor tensor;
    SafetensorsHeader header;
    Text bytes = damage(safetensors.c_str(), safetensors.size());
    accepted += parseSafetensors("f", bytes.c_str(), bytes.size(), bytes.size(),
                                 header, error);
    bytes = damage(handmade.c_str(), handmade.size());
    accepted += parseSafetensors("f", bytes.c_str(), bytes.size(), bytes.size(),
                                 header, error);
    bytes = damage(csv, int64_t(std::strlen(csv)));
    accepted += parseCsv("f", bytes.c_str(), bytes.size(), tensor, error);
    bytes = damage(literal, int64_t(std::strlen(literal)));
    accepted += parseLiteral(bytes.c_str(), tensor, error);
    bytes = damage(npz.c_str(), npz.size());
    accepted += parseNpz("f", bytes.c_str(), bytes.size(), "x", tensor, error);
    bytes = damage(png.c_str(), png.size());
    accepted += parsePng("f", bytes.c_str(), bytes.size(), tensor, error);
    bytes = damage(pnm.c_str(), pnm.size());
    accepted += parsePnm("f", bytes.c_str(), bytes.size(), tensor, error);
    if (currentRound % 8)
      continue;
    writeFile(path, damage(idx.c_str(), idx.size()));
    accepted += readIdx(path, nullptr, tensor, error);
    writeFile(path, damage(gzip.c_str(), gzip.size()));
    accepted += readIdx(path, nullptr, tensor, error);
    Examples second = {1, 1};
    accepted += readIdx(path, &second, tensor, error);
    writeFile(path, damage(npy.c_str(), npy.size()));
    accepted += readNpy(path, tensor, error);
    writeFile(path, damage(safetensors.c_str(), safetensors.size()));
    SafetensorsFile file;
    accepted += file.open(path, error) &&
                file.load(
                    views, 2, [](const char *) { return false; }, "", error);
  }
  unlink(path);
  std::printf("%u rounds survived, %s\n", rounds,
              accepted ? "some accepted" : "none accepted");
  return 0;
}
