#!/bin/sh
# Makes the pages of docs/ that are made from the sources: ops.md from ir/ops/,
# rules.md from ir/passes/ and ir/simplify/, std.md from std/. A test holds them
# to what this writes.
set -eu
cd "$(dirname "$0")/.."
build/tools/nnc-opt --document-ops >docs/ops.md
build/tools/nnc-opt --document-rules >docs/rules.md
python3 scripts/document_std.py std >docs/std.md
