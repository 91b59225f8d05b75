//===- runtime/cores.h - The cores that a process may use -----------------===//
#ifndef NNRT_CORES_H
#define NNRT_CORES_H

namespace nnrt {

/// How many cores this process was given, at least 1.
int onlineCores();

/// Whether each thread of a team stays on a core of its own (NN_PIN=1).
extern bool pinThreads;
/// If so, keeps the calling thread on the core of this number among those of
/// the process; after the last comes the first again.
void pinThread(int number);
/// Lets the calling thread, which has its maker's core, use all of them.
void unpinThread();

} // namespace nnrt

#endif // NNRT_CORES_H
