#include "runtime/all_commands.h"
#include "runtime/commands.h"

namespace nnrt {

static const Command *const list[] = {&nnrt_train, &nnrt_run,   &nnrt_test,
                                      &nnrt_grad,  &nnrt_bench, &nnrt_info};
const Commands allCommands = {6, list};

} // namespace nnrt
