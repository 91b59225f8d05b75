//===- runtime/start.cpp - main() of a built program ----------------------===//
#include "runtime/entry.h"

extern "C" {
/// Made by nnc, one for each instruction set the program was compiled for.
extern const nnrt::Program *const nnrt_programs[];
extern const int32_t nnrt_program_count;
extern const nnrt::Commands nnrt_commands;
}

int main(int argc, char **argv) {
  return nnrt_main(nnrt_programs, nnrt_program_count, &nnrt_commands, argc,
                   argv);
}
