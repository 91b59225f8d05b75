# How lit runs the tests: `ninja check`, or
# `python3 lit.py build/test --filter NAME`.
import os
import shutil
import sys

import lit.formats

config.name = "nnc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".ir", ".nn", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)

# Sanitizers make everything several times slower, and bring libraries of their
# own: what programs are linked with is tested on other builds.
slowness = 5 if config.sanitized else 1
config.environment["NNC_SLOWNESS"] = str(slowness)
if not config.sanitized:
    config.available_features.add("not-sanitized")

# A test that hangs does not hang the run: lit.py --param seconds=N
lit_config.bashPath = config.test_source_root + "/limited_bash.sh"
config.environment["NNC_TEST_SECONDS"] = lit_config.params.get(
    "seconds", str(900 * slowness))

# The tools come first, so that a test can say `nnc-opt` and mean this build's.
build = config.nnc_build
config.environment["PATH"] = os.pathsep.join(
    [build + "/tools", build + "/test", config.llvm_tools,
     config.environment["PATH"]])
config.substitutions.append(("%source", config.nnc_source))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(
    ("%run_wasm",
     "node --no-warnings " + config.nnc_source + "/scripts/run_wasm.mjs"))
config.substitutions.append(
    ("%test_all_ways", config.test_source_root + "/test_all_ways.sh"))

# Real data, which may stand beside the checkout; tests that need it are skipped
# where it is absent.
shared = os.path.join(os.path.dirname(config.nnc_source), "shared")
if os.path.isdir(os.path.join(shared, "data")):
    config.available_features.add("shared-data")
config.substitutions.append(("%shared", shared))

# What this machine can run.
if shutil.which("qemu-aarch64") and \
        os.path.exists("/usr/aarch64-linux-gnu/lib/libc.a") and \
        os.path.exists(build + "/lib/nnc/aarch64/libnnrt.a"):
    config.available_features.add("aarch64")
if shutil.which("node") and \
        os.path.exists("/usr/lib/wasm32-wasi/libc.a") and \
        os.path.exists(build + "/lib/nnc/wasm32/libnnrt.a"):
    config.available_features.add("wasm32")
if shutil.which("chromium"):
    config.available_features.add("chromium")
if len(os.sched_getaffinity(0)) > 1:
    config.available_features.add("two-cores")
with open("/proc/cpuinfo") as cpu:
    flags = set(next((line for line in cpu if line.startswith("flags")), "").split())
if flags >= {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}:
    config.available_features.add("x86-64-v4")
