// ONNX Runtime's times for the models that torch_networks.py --onnx writes:
// prints "WORKLOAD MILLISECONDS" for each, the fastest call of those in half a
// second. With --outputs it computes each once instead, of FOLDER/NAME.BATCH.x0.f32
// and so on, and writes FOLDER/NAME.BATCH.y.f32. networks.py runs this.
//
// usage: node onnx_networks.js FOLDER THREADS net:NAME:BATCH...
//        node onnx_networks.js FOLDER --outputs net:NAME:BATCH...
const fs = require('fs');
const path = require('path');
const ort = require(path.join(process.env.NNC_PEERS, 'node_modules/onnxruntime-node'));

const [folder, threads, ...workloads] = process.argv.slice(2);
const outputs = threads === '--outputs';

async function fastest(run) {
  let best = Infinity;
  for (let i = 0; i < 5; ++i) await run();
  const end = performance.now() + 500;
  for (let count = 0; count < 3 || performance.now() < end; ++count) {
    const start = performance.now();
    await run();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

async function main() {
  for (const workload of workloads) {
    const [, name, batch] = workload.split(':');
    const stem = path.join(folder, `${name}.${batch}`);
    const session = await ort.InferenceSession.create(
        stem + '.onnx',
        {intraOpNumThreads: +threads || 1, interOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3});
    const inputs = {};
    for (const {name, shape} of session.inputMetadata) {
      const values = outputs
          ? new Float32Array(new Uint8Array(fs.readFileSync(`${stem}.${name}.f32`)).buffer)
          : Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, Math.random);
      inputs[name] = new ort.Tensor('float32', values, shape);
    }
    if (outputs) fs.writeFileSync(stem + '.y.f32', (await session.run(inputs)).y.data);
    else console.log(workload, await fastest(() => session.run(inputs)));
    await session.release();
  }
}

main();
