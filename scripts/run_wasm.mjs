// Runs a program that `nnc build --march wasm32` made, with Node's WASI:
//   node --no-warnings scripts/run_wasm.mjs PROGRAM.wasm train -o weights
// It sees the environment, and the files below the current folder.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { WASI } from "node:wasi";

const [path, ...options] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: [path, ...options],
  env: process.env,
  preopens: { ".": "." },
});
// Called from WebAssembly without a function of JavaScript between them, Node's
// own may end in a crash (https://github.com/nodejs/node/issues/46777). Numbers
// of 32 bits come with a sign, and are addresses.
const calls = Object.fromEntries(
  Object.entries(wasi.wasiImport).map(([name, call]) => [
    name,
    (...values) =>
      call(...values.map((v) => (typeof v == "number" ? v >>> 0 : v))),
  ]),
);
const { instance } = await WebAssembly.instantiate(await readFile(path), {
  wasi_snapshot_preview1: calls,
});
process.exitCode = wasi.start(instance);
