// What reads text and files, where no command shows it directly.
#include "runtime/csv.h"
#include "runtime/image.h"
#include "runtime/input_file.h"
#include "runtime/json.h"
#include "runtime/literal.h"
#include "test/runtime/unit_test.h"

#include <cmath>
#include <cstring>

using namespace nnrt;

static Text literalText(const char *literal) {
  Tensor tensor;
  Error error;
  Text text;
  if (!parseLiteral(literal, tensor, error))
    return Text("error");
  text.format("%s%s ", typeName(tensor.type),
              shapeText(tensor.shape.extents, tensor.shape.rank).c_str());
  for (int64_t i = 0; i < tensor.count(); ++i) {
    text.append(i ? " " : "");
    appendElement(text, tensor.type, tensor.data, i);
  }
  return text;
}

static void testLiteral() {
  CHECK(literalText("3") == "i64[] 3");
  CHECK(literalText(" -2.5e1 ") == "f64[] -25");
  CHECK(literalText("[[0, 1], [1.5, 1]]") == "f64[2, 2] 0 1 1.5 1");
  CHECK(literalText("[false,true]") == "bool[2] false true");
  CHECK(literalText("9223372036854775807") == "i64[] 9223372036854775807");
  CHECK(literalText("-9223372036854775808") == "i64[] -9223372036854775808");
  CHECK(literalText("[[[1]],[[2]]]") == "i64[2, 1, 1] 1 2");
  CHECK(literalText("[]") == "f64[0] ");
  CHECK(literalText("[[], []]") == "f64[2, 0] ");
  for (const char *bad : {"",
                          "[",
                          "]",
                          "[1",
                          "[1,]",
                          "[1 2]",
                          "[[1], 2]",
                          "[1, [2]]",
                          "[[1, 2], [3]]",
                          "[true, 1]",
                          "nan",
                          "0x1",
                          "1]",
                          "[,]",
                          "[[[]], [1]]",
                          "[[], [1]]",
                          "[[1], []]",
                          "--1",
                          "1e999",
                          "\"ab",
                          "\"a\" b",
                          "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"})
    CHECK(literalText(bad) == "error");
  const char *const messages[][2] = {
      {"[1, [2]]", "'[1, [2]]': column 5: a list stands among numbers"},
      {"[[1], 2]", "'[[1], 2]': column 7: a number stands among lists"},
      {"[[1, 2], [3]]", "'[[1, 2], [3]]': column 12: this row has another "
                        "length than the first"},
      {"[1 2]", "'[1 2]': column 4: a comma or ] is expected"},
      {"[1", "'[1': column 3: a ] is missing"},
      {"1]", "'1]': column 2: nothing more is expected"},
      {"[true, 1]", "'[true, 1]': column 10: true and false stand among "
                    "numbers"},
      {"[x]", "'[x]': column 2: a number, true, false or [ is expected"},
      {"[[[[[[[[[[[[[[[[[1", "'[[[[[[[[[[[[[[[[[1': column 17: brackets are "
                             "nested too deeply"},
      {"\"ab", "'\"ab': a text ends with its second \""}};
  for (const auto &[bad, message] : messages) {
    Tensor tensor;
    Error error;
    CHECK(!parseLiteral(bad, tensor, error) &&
          Text(error.message()) == message);
  }
}

static Text csvText(const char *csv) {
  Tensor table;
  Error error;
  Text text;
  if (!parseCsv("f", csv, int64_t(std::strlen(csv)), table, error))
    return Text(error.message());
  text.append(shapeText(table.shape.extents, 2).c_str());
  for (int64_t i = 0; i < table.count(); ++i) {
    text.append(" ");
    appendElement(text, table.type, table.data, i);
  }
  return text;
}

static void testCsv() {
  CHECK(csvText("2,2,a,b\n1,2\n3,4\n") == "[2, 2] 1 2 3 4");
  CHECK(csvText("1,2\r\n\r\n3,4") == "[2, 2] 1 2 3 4");
  CHECK(csvText("\xEF\xBB\xBF\"a\";\"b\"\n1;\"2\"\n") == "[1, 2] 1 2");
  CHECK(csvText("\xEF\xBB\xBF"
                "1,2\n3,4\n") == "[2, 2] 1 2 3 4");
  CHECK(csvText("1e0  -2\n 3 4 \n") == "[2, 2] 1 -2 3 4");
  CHECK(csvText("1,2\n3\n") == "f:2: has 1 fields, but line 1 has 2");
  CHECK(csvText("1,2\n3,\n") == "f:2: field 2 is empty");
  CHECK(csvText("1,2\n3,x\n") == "f:2: field 2 is not a number: 'x'");
  CHECK(csvText("a,b\nc,d\n") == "f:2: field 1 is not a number: 'c'");
  CHECK(csvText("a,b\n") == "f: has no line of numbers");
  CHECK(csvText("") == "f: is empty");
}

static Text jsonString(const char *json) {
  JsonReader reader(json, json + std::strlen(json));
  Text value;
  return reader.string(value) && reader.finish() ? std::move(value)
                                                 : Text(reader.problem());
}

static Text jsonSkipped(const char *json) {
  JsonReader reader(json, json + std::strlen(json));
  bool skipped = reader.skip();
  CHECK(skipped == !reader.failed());
  return Text(reader.finish() ? "sound" : reader.problem());
}

static void testJson() {
  CHECK(jsonString(" \"a\\u0041\\n\\/\" ") == "aA\n/");
  CHECK(jsonString("\"\\u00e9\\u20AC\\uD83d\\ude00\"") ==
        "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(jsonString("a") == "a string is expected");
  for (const char *open : {"\"a", "\"a\\", "\"\\u12", "\"\\ud800\\u0"})
    CHECK(jsonString(open) == "a string does not end");
  for (const char *digits : {"\"\\u12g4\"", "\"\\ud800\\u12g4\""})
    CHECK(jsonString(digits) == "a \\u escape needs four hexadecimal digits");
  for (const char *half : {"\"\\ud800\"", "\"\\ud800\\n0000\"",
                           "\"\\ud800\\u0041\"", "\"\\udc00\""})
    CHECK(jsonString(half) == "a string holds half a surrogate pair");
  CHECK(jsonString("\"\\q\"") == "a string holds an unknown escape");
  CHECK(jsonString("\"\n\"") == "a string holds a control character");
  CHECK(jsonString("\"\\u0000\"") == "a string holds a zero character");
  CHECK(jsonString("\"a\" b") == "something follows the last value");

  CHECK(jsonSkipped("[1, {\"a\": [true, \"]\"], \"b\": -2.5e1}, [], {}]") ==
        "sound");
  CHECK(jsonSkipped("[1, \"\\q\"]") == "a string holds an unknown escape");
  CHECK(jsonSkipped("[1 2]") == "a comma or a closing bracket is expected");
  CHECK(jsonSkipped("{\"a\" 1}") == "a colon is expected after a key");
  CHECK(jsonSkipped("{1: 2}") == "a string is expected");
  CHECK(jsonSkipped("[1,]") == "a value is expected");
  Text deep;
  for (int i = 0; i < 65; ++i)
    deep.append("[");
  CHECK(jsonSkipped(deep.c_str()) == "values are nested too deeply");

  Text quoted;
  appendJsonString(quoted, "a\"b\\<\n");
  CHECK(quoted == "\"a\\\"b\\\\\\u003c\\u000a\"");

  // After a mistake nothing more is read.
  const char *list = "[x, 1]";
  JsonReader reader(list, list + std::strlen(list));
  int64_t number;
  Text text;
  CHECK(reader.enterArray() && !reader.integer(number) && !reader.nextItem());
  CHECK(!reader.integer(number) && !reader.string(text) && !reader.skip() &&
        !reader.enterArray() && !reader.enterObject() && !reader.nextKey(text));
  CHECK(!std::strcmp(reader.problem(), "a non-negative whole number is "
                                       "expected"));
  const char *large = "9223372036854775808", *most = "9223372036854775807";
  JsonReader tooLarge(large, large + 19), fits(most, most + 19);
  CHECK(!tooLarge.integer(number) &&
        !std::strcmp(tooLarge.problem(), "a number is too large"));
  CHECK(fits.integer(number) && number == INT64_MAX);
  JsonReader array(list, list + 6);
  CHECK(!array.enterObject() &&
        !std::strcmp(array.problem(), "an object is expected"));
}

static void testFiles() {
  Tensor image;
  Error error;
  Text whole;
  CHECK(!readWholeFile("/proc/self/exe", 10, whole, error) &&
        Text(error.message()) == "/proc/self/exe: holds more than 10 bytes");
  CHECK(!parsePng("f", "GIF89a", 6, image, error) &&
        Text(error.message()) == "f: is not a PNG file");
  CHECK(!parsePnm("f", "P7 1 1", 6, image, error) &&
        Text(error.message()) == "f: is not a PPM, PGM or PBM file");
}

static void testBytesText() {
  CHECK(bytesText(0) == "0 bytes");
  CHECK(bytesText(999) == "999 bytes");
  CHECK(bytesText(12345) == "12.3 kB");
  CHECK(bytesText(999499) == "999 kB");
  CHECK(bytesText(999500) == "1 MB");
}

static void testTensorText() {
  float f[] = {0.1f, 1.0f / 3, INFINITY, NAN};
  int64_t extents[] = {2, 2};
  Text text;
  appendTensor(text, RawType::F32, f, extents, 2);
  CHECK(text == "[[0.1, 0.33333334],\n [inf, nan]]");
  int32_t whole[] = {1000000, -2147483647 - 1};
  Text integers;
  appendElement(integers, RawType::I32, whole, 0);
  appendElement(integers, RawType::I32, whole, 1);
  CHECK(integers == "1000000-2147483648");
  const char *names[] = {"epochs", "batch"};
  CHECK(!std::strcmp(nearest("epoch", names, 2), "epochs"));
  CHECK(!nearest("zebra", names, 2));
  // What is so long is no misspelling.
  Text word;
  for (int i = 0; i < 64; ++i)
    word.append("a");
  const char *same[] = {word.c_str()};
  CHECK(nearest(word.c_str(), same, 1));
  Text longer(word.c_str());
  longer.append("a");
  CHECK(!nearest(longer.c_str(), same, 1));
}

int main() {
  testLiteral();
  testCsv();
  testJson();
  testFiles();
  testBytesText();
  testTensorText();
  return finish();
}
