// ONNX Runtime's times for the models that torch_networks.py --onnx writes:
// prints "WORKLOAD MILLISECONDS" for each, the fastest call of those in half a
// second. networks.py runs this.
//
// usage: node onnx_networks.js FOLDER THREADS net:NAME:BATCH...
const path = require('path');
const ort = require(path.join(process.env.NNC_PEERS, 'node_modules/onnxruntime-node'));

const [folder, threads, ...workloads] = process.argv.slice(2);

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
    const session = await ort.InferenceSession.create(
        path.join(folder, `${name}.${batch}.onnx`),
        {intraOpNumThreads: +threads, interOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3});
    const inputs = {};
    for (const {name, shape} of session.inputMetadata) {
      const values = Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, Math.random);
      inputs[name] = new ort.Tensor('float32', values, shape);
    }
    console.log(workload, await fastest(() => session.run(inputs)));
    await session.release();
  }
}

main();
