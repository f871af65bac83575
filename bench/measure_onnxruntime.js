// node measure_onnxruntime.js MODEL.onnx THREADS RUNS
//
// The same measurement as northpole_measure_runs, of ONNX Runtime on the same network: one JSON object.
'use strict';

const path = require('path');

function onnxRuntime() {
  for (const folder of [undefined, path.join(__dirname, '..', 'setup', 'node_modules')]) {
    try {
      return require(folder ? path.join(folder, 'onnxruntime-node') : 'onnxruntime-node');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('onnxruntime-node is not installed: run setup/install');
}

async function main() {
  const [model, threads, runs] = process.argv.slice(2);
  const runtime = onnxRuntime();
  const start = performance.now();
  const session = await runtime.InferenceSession.create(model, {
    graphOptimizationLevel: 'all', executionMode: 'sequential', intraOpNumThreads: Number(threads),
    interOpNumThreads: 1, logSeverityLevel: 3,
  });
  const ready = (performance.now() - start) / 1e3;
  const feeds = {};
  for (const { name, type, shape } of session.inputMetadata) {
    const dims = shape.map((size) => (typeof size === 'number' && size > 0 ? size : 1));
    const count = dims.reduce((product, size) => product * size, 1);
    if (type !== 'float32') throw new Error(`input ${name} is of type ${type}, only float32 is measured`);
    feeds[name] = new runtime.Tensor(type, Float32Array.from({ length: count }, () => 2 * Math.random() - 1), dims);
  }
  await session.run(feeds);
  const milliseconds = [];
  const processor = process.cpuUsage();
  for (let i = 0; i < Number(runs); ++i) {
    const before = performance.now();
    await session.run(feeds);
    milliseconds.push(performance.now() - before);
  }
  const used = process.cpuUsage(processor);
  console.log(JSON.stringify({
    ready_seconds: ready, frames: 1, milliseconds,
    processor_milliseconds: (used.user + used.system) / 1e3 / Number(runs),
    peak_mebibytes: process.resourceUsage().maxRSS / 1024,
  }));
}

main().catch((error) => {
  console.error(String(error.message || error).split('\n')[0]);
  process.exit(1);
});
