// Every mutant changes what is printed.
#include <cstdio>
#include <string_view>

static int f(int a, int b, std::string_view op) {
  int sum = 5; // if (a < b)
  if (a < b && b != 3)
    sum = a + b;
  if (op == "add" || a >= 2)
    return sum - b;
  bool third = true;
  if (op != "max")
    third = (a + b) % 3 == 0;
  return third ? sum * 2 : -sum;
}

int main() {
  for (int a = 0; a < 4; ++a)
    for (int b = 0; b < 5; ++b)
      std::printf("%d %d %d ", f(a, b, "add"), f(a, b, "max"), f(a, b, "mul"));
}
