// What both uses of bench/against-onnxruntime share: the programs it needs, one measurement of either engine, and what
// several rounds of them come to.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..');
const releaseBuild = path.join(root, 'build', 'release');

// Progress on a terminal, nothing where the output is read by a program.
function say(text) {
  if (process.stderr.isTTY) process.stderr.write(`against-onnxruntime: ${text}\n`);
}

// Installs and builds what is missing, in the project's own way; another build than its own is left as it is.
function prepare(build) {
  const peer = path.join(root, 'setup', 'node_modules', 'onnxruntime-node');
  const silent = { stdio: ['ignore', 'ignore', 'inherit'] };
  if (!fs.existsSync(peer)) {
    say('installing ONNX Runtime');
    execFileSync(path.join(root, 'setup', 'install'), silent);
  }
  if (path.resolve(build) === releaseBuild) {
    say('building');
    execFileSync(path.join(root, 'setup', 'build'), ['northpole_command', 'northpole_measure_runs'], silent);
  }
}

function binary(build, name) {
  const file = path.join(build, name);
  if (fs.existsSync(file)) return file;
  throw new Error(`${file} is missing: cmake --build ${build} --target northpole_command northpole_measure_runs`);
}

// The command, its output dropped, its complaints shown.
function northpole(build, list) {
  say(`northpole ${list.join(' ')}`);
  execFileSync(binary(build, 'northpole'), list, { stdio: ['ignore', 'ignore', 'inherit'] });
}

// A reason instead of figures for an engine that cannot run the network.
function measured(command, list) {
  const result = spawnSync(command, list.map(String), { encoding: 'utf8' });
  if (result.status !== 0) return { reason: (result.stderr || String(result.error)).trim().split('\n')[0] };
  return JSON.parse(result.stdout);
}

function measuredOwn(build, program, threads, runs, engine = 'fast') {
  say(`${path.basename(program)}, ${threads} thread(s), ${engine} engine`);
  const result = measured(binary(build, 'northpole_measure_runs'), [program, threads, runs, engine]);
  if (result.reason !== undefined) throw new Error(result.reason);
  return result;
}

function measuredPeer(network, threads, runs) {
  say(`${path.basename(network)}, ${threads} thread(s), ONNX Runtime`);
  return measured(process.execPath, [path.join(__dirname, 'measure_onnxruntime.js'), network, threads, runs]);
}

// Other work on the machine slows runs down, so the best of all rounds counts; processor time stands beside it.
function joined(rounds) {
  const failed = rounds.find((round) => round.reason !== undefined);
  if (failed) return { reason: failed.reason };
  const frames = rounds[0].frames;
  const times = rounds.flatMap((round) => round.milliseconds).sort((left, right) => left - right);
  const least = (key) => Math.min(...rounds.map((round) => round[key]));
  return {
    best_milliseconds: times[0] / frames, median_milliseconds: times[Math.floor(times.length / 2)] / frames,
    processor_milliseconds: least('processor_milliseconds') / frames, ready_seconds: least('ready_seconds'),
    peak_mebibytes: Math.max(...rounds.map((round) => round.peak_mebibytes)), frames,
  };
}

function peerVersion() {
  const lock = JSON.parse(fs.readFileSync(path.join(root, 'setup', 'package-lock.json'), 'utf8'));
  return lock.packages['node_modules/onnxruntime-node'].version;
}

module.exports = { releaseBuild, prepare, northpole, measuredOwn, measuredPeer, joined, peerVersion, say };
