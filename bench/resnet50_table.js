// The table of ResNet-50 v1.5, which bench/against-onnxruntime gives when no network is named: every ratio between two
// things that were measured in turn, in the same rounds, on the same machine.
'use strict';

const fs = require('fs');
const path = require('path');
const { joined, measuredOwn, measuredPeer, northpole } = require('./measurement.js');

const variants = {
  'resnet50-8': ['--bits', '8'],
  'resnet50-mixed': ['--bits', 'mixed'],
  'resnet50-2': ['--bits', '2', '--outer-bits', '8'],
};

// Networks and programs are made where the folder has none yet.
function made(build, folder) {
  const files = { networks: {}, programs: {} };
  const make = (file, list) => {
    if (!fs.existsSync(file)) northpole(build, [...list, '-o', file]);
    return file;
  };
  for (const [name, bits] of Object.entries(variants)) {
    files.networks[name] = make(path.join(folder, `${name}.onnx`), ['generate', 'resnet50', ...bits]);
    files.programs[name] = make(path.join(folder, `${name}.np`), ['compile', files.networks[name]]);
  }
  files.programs.batch = make(path.join(folder, 'resnet50-8-batch16.np'),
    ['compile', files.networks['resnet50-8'], '--batch', '16']);
  return files;
}

function measurements({ networks, programs }, { build, rounds, runs }) {
  const network = networks['resnet50-8'];
  const each = {
    eight: () => measuredOwn(build, programs['resnet50-8'], 1, runs),
    onnxruntime: () => measuredPeer(network, 1, runs),
    mixed: () => measuredOwn(build, programs['resnet50-mixed'], 1, runs),
    two: () => measuredOwn(build, programs['resnet50-2'], 1, runs),
    batch: () => measuredOwn(build, programs.batch, 1, Math.max(1, Math.round(runs / 8))),
    eight_two_threads: () => measuredOwn(build, programs['resnet50-8'], 2, runs),
    onnxruntime_two_threads: () => measuredPeer(network, 2, runs),
    step: () => measuredOwn(build, programs['resnet50-8'], 1, 1, 'step'),
  };
  const seen = Object.fromEntries(Object.keys(each).map((key) => [key, []]));
  for (let round = 0; round < rounds; ++round) for (const key of Object.keys(each)) seen[key].push(each[key]());
  return Object.fromEntries(Object.keys(each).map((key) => [key, joined(seen[key])]));
}

function rowsOf(seen) {
  const failed = [seen.onnxruntime, seen.onnxruntime_two_threads].find(({ reason }) => reason !== undefined);
  if (failed) throw new Error(`ONNX Runtime: ${failed.reason}`);
  const ratio = (own, other) => seen[own].best_milliseconds / seen[other].best_milliseconds;
  return [
    { row: '8 bit, 1 thread: time / ONNX Runtime', value: ratio('eight', 'onnxruntime'), must: 1.5, goal: 0.9 },
    { row: '8 bit, 2 threads: time / ONNX Runtime', value: ratio('eight_two_threads', 'onnxruntime_two_threads'),
      must: 1.5, goal: 0.9 },
    { row: '4/8 bit mixed: time / 8 bit', value: ratio('mixed', 'eight'), must: 1.1, goal: 0.95 },
    { row: '2-bit inner layers: time / 8 bit', value: ratio('two', 'eight'), must: 1.1, goal: 0.9 },
    { row: 'batch 16: time a frame / batch 1', value: ratio('batch', 'eight'), must: 1.0, goal: 0.8 },
    { row: 'load a program and be ready, 1 thread', value: seen.eight.ready_seconds, unit: 's', must: 1.5, goal: 0.3 },
    { row: 'load a program and be ready, 2 threads', value: seen.eight_two_threads.ready_seconds, unit: 's', must: 1.5,
      goal: 0.3 },
    { row: 'memory', value: seen.eight.peak_mebibytes, unit: 'MiB', must: 600, goal: 250 },
    { row: 'step simulator: one frame', value: seen.step.best_milliseconds / 1e3, unit: 's', must: 5, goal: 1.5 },
  ];
}

function text(rows, seen) {
  const shown = (value, unit) => (unit === 'MiB' ? value.toFixed(0) : value.toFixed(2)) + (unit ? ` ${unit}` : '');
  const lines = [`${'ResNet-50 v1.5, batch 1 unless said otherwise'.padEnd(46)}${'measured'.padStart(10)}` +
    `${'must'.padStart(10)}${'goal'.padStart(10)}`];
  for (const { row, value, unit, must, goal } of rows) {
    lines.push(row.padEnd(46) + [value, must, goal].map((number) => shown(number, unit).padStart(10)).join('') +
      (value > must ? '  misses the must' : value > goal ? '' : '  reaches the goal'));
  }
  lines.push('', 'milliseconds a frame'.padEnd(34) + ['best', 'median', 'processor'].map((key) => key.padStart(11)).join(''));
  for (const [key, figures] of Object.entries(seen)) {
    lines.push(key.replaceAll('_', ' ').padEnd(34) + ['best', 'median', 'processor']
      .map((name) => figures[`${name}_milliseconds`].toFixed(2).padStart(11)).join(''));
  }
  return lines.join('\n') + '\n';
}

function table(options, folder) {
  const seen = measurements(made(options.build, folder), options);
  const rows = rowsOf(seen);
  return { rows, measurements: seen, text: text(rows, seen) };
}

module.exports = { table };
