// Runs an ONNX file in ONNX Runtime and writes all outputs down, for comparison with the reference interpreter.
//
//   node run_model.js MODEL.onnx FOLDER [OPTIMIZATION]
//
// FOLDER/inputs.json lists the inputs: [{"name", "type": "float32" | "uint8" | "int8", "dims": [..], "file"}], each file beside it
// holding the raw little-endian elements. outputs.json and its files are written likewise. OPTIMIZATION is ONNX Runtime's
// graph optimisation level, "all" by default: quantized networks then run in its integer kernels.
// onnxruntime-node is looked for in NODE_PATH and in setup/node_modules.
'use strict';

const fs = require('fs');
const path = require('path');

function onnxRuntime() {
  for (const folder of [undefined, path.join(__dirname, '..', '..', 'setup', 'node_modules')]) {
    try {
      return require(folder ? path.join(folder, 'onnxruntime-node') : 'onnxruntime-node');
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw new Error('onnxruntime-node is not installed: run setup/install');
}

const arrays = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array, int32: Int32Array, int64: BigInt64Array };

async function main() {
  const [model, folder, optimization = 'all'] = process.argv.slice(2);
  const runtime = onnxRuntime();
  const session = await runtime.InferenceSession.create(model, {
    graphOptimizationLevel: optimization, intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3,
  });
  const feeds = {};
  for (const { name, type, dims, file } of JSON.parse(fs.readFileSync(path.join(folder, 'inputs.json')))) {
    const bytes = fs.readFileSync(path.join(folder, file));
    const elements = new arrays[type](new Uint8Array(bytes).buffer);
    feeds[name] = new runtime.Tensor(type, elements, dims);
  }
  const results = await session.run(feeds);
  const listed = [];
  for (const [index, name] of Object.keys(results).entries()) {
    const { type, dims, data } = results[name];
    const file = `output${index}.bin`;
    fs.writeFileSync(path.join(folder, file), Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    listed.push({ name, type, dims: Array.from(dims, Number), file });
  }
  fs.writeFileSync(path.join(folder, 'outputs.json'), JSON.stringify(listed, null, 1));
}

main().catch((error) => {
  console.error(String(error.message || error).split('\n')[0]);
  process.exit(1);
});
