// Reads a trace with TracerBench's model of Chrome's trace format, and prints what that makes of it as JSON: names of
// processes and threads, busy time in cycles (the sum of the slices' thread durations), counters.
//   node read_trace.js TRACE
'use strict';
const fs = require('fs');
const path = require('path');
const { buildModel } = require(path.join(__dirname, '../../setup/node_modules/@tracerbench/trace-model'));

const model = buildModel(JSON.parse(fs.readFileSync(process.argv[2], 'utf8')));
const cycles = (microseconds) => Math.round(microseconds * 1000);
const seen = { last_cycle: 0, counters: [], processes: [] };
for (const process of model.processes) {
  const threads = [];
  for (const thread of process.threads) {
    const slices = thread.events.filter((event) => event.isComplete());
    if (slices.length === 0) continue;
    seen.last_cycle = Math.max(seen.last_cycle, cycles(slices.reduce((most, slice) => Math.max(most, slice.end), 0)));
    threads.push({
      name: thread.name,
      slices: slices.length,
      nested: slices.filter((slice) => slice.parent !== undefined).length,
      busy: slices.reduce((sum, slice) => sum + cycles(slice.traceEvent.tdur), 0),
      categories: [...new Set(slices.flatMap((slice) => slice.cat))],
    });
  }
  seen.processes.push({ name: process.name, threads });
}
seen.counters = [...new Set(model.events.filter((event) => event.isCounter()).map((event) => event.name))];
console.log(JSON.stringify(seen));
