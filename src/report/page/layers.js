'use strict';
// Bits, memory, and the table of all layers.

function bits(programs) {
  const made = section('bits', 'Bits by layer', 'Widths of what the vector-matrix unit multiplies. Layers without multiply-accumulates have none.');
  programs.forEach((program, which) => {
    const layers = program.layers.filter((layer) => layer.activation_bits > 0);
    const all = sum(layers.map((layer) => layer.multiply_accumulates)) || 1;
    const shares = [8, 4, 2].map((width) => [width, sum(layers.filter((layer) => layer.weight_bits === width).map((layer) => layer.multiply_accumulates)) / all]).filter(([, share]) => share > 0);
    made.append(element('p', {}, `${programs.length > 1 ? `${program.name}: multiply` : 'Multiply'}-accumulates by the width of their weights: ${shares.map(([width, share]) => `${width} bit ${percent(share)}`).join(', ')}.`));
    chart(made, `bits-chart${which === 0 ? '' : '-other'}`, 270, `Bits of weights and activations by layer of ${program.name}`, {
      aria: { enabled: true, decal: { show: true } }, grid: { left: 40, right: 10, top: 30, bottom: layerAxisHeight }, legend: { top: 0 }, dataZoom: [{ type: 'slider', bottom: 2, height: 16, showDataShadow: false }],
      tooltip: { trigger: 'axis', confine: true },
      xAxis: layerAxis(layers.map((layer) => layer.name)), yAxis: { type: 'value', min: 0, max: 8, interval: 2, name: 'bits' },
      series: [{ type: 'bar', name: 'weights', itemStyle: { color: '#123f73' }, data: layers.map((layer) => layer.weight_bits) }, { type: 'bar', name: 'activations', itemStyle: { color: '#86b1d6' }, data: layers.map((layer) => layer.activation_bits) }],
    });
  });
}

function memoryInTime(programs) {
  const made = section('memory', 'Memory over time', 'Words of the cores\u2019 memories that are still needed: the memory image (weights, constants, programs) always, others from their writing to their last reading. A place may serve several words one after another and stand empty between them, so a core uses more places than it needs at any moment: ' + programs.map((program) => `the fullest one ${bytes(program.summary.largest_bytes)}${programs.length > 1 ? ` in ${program.name}` : ''}`).join(', ') + '.');
  const core = Math.max(...programs.map((program) => program.memory.core_bytes));
  const series = [];
  programs.forEach((program, which) => {
    const name = programs.length > 1 ? `, ${program.name}` : '';
    const line = (title, values, type, width) => series.push({ type: 'line', step: 'end', symbol: 'none', name: title + name, lineStyle: { type, width, color: inks[which] }, itemStyle: { color: inks[which] }, data: program.memory.cycles.map((cycle, i) => [cycle, values[i] / 1024]) });
    line('fullest core', program.memory.largest, 'solid', 2);
    line('mean core', program.memory.mean, 'dashed', 2);
    line('image, mean core', program.memory.cycles.map(() => program.memory.image_mean), 'dotted', 1.5);
  });
  series[0].markLine = { silent: true, symbol: 'none', label: { formatter: `a core\u2019s memory: ${bytes(core)}`, position: 'insideEndBottom' }, lineStyle: { color: '#16202a', type: 'solid' }, data: [{ yAxis: core / 1024 }] };
  const made_chart = chart(made, 'memory-chart', 330, 'Memory in use over time', {
    grid: { left: 56, right: 14, top: 46, bottom: 66 }, legend: { top: 0, type: 'scroll' }, dataZoom: zooms, tooltip: { trigger: 'axis', confine: true, valueFormatter: (value) => `${fixed(value, 1)} KiB` },
    xAxis: { ...cyclesAxis, max: Math.max(...programs.map((program) => program.summary.cycles)) }, yAxis: { type: 'value', name: 'KiB', min: 0, max: Math.ceil(core / 1024 / 64) * 64 }, series });
  made.append(element('div', { class: 'controls' }, ...zoomButtons(made_chart)));
}

function layerTable(programs) {
  const made = section('layers', 'All layers', 'Click a heading to sort by it, again to turn the order round. Cycles are those of a whole run, by the compiler\u2019s account in the program.');
  const [program, other] = programs;
  const rows = program.layers.map((layer, index) => ({ ...layer, place: index + 1, other: other && other.layers.find((one) => one.name === layer.name) }));
  const waits = (layer) => sum(Object.values(layer.waited));
  const longestWait = (layer) => Object.entries(layer.waited).reduce((most, one) => (one[1] > most[1] ? one : most), ['–', 0])[0];
  const number = (name, title, value, show) => ({ name, title, value, show: (row) => { const shown = value(row); return known(shown) ? (show || grouped)(shown) : '–'; } });
  const columns = [
    { name: 'layer', title: 'name of the network\u2019s node', text: true, value: (row) => row.name, show: (row) => row.name },
    number('#', 'place in the order of last issues', (row) => row.place),
    number('took', 'cycles from the last issue of the layer before to its own', (row) => row.took),
    ...(other ? [number(`took, ${other.name}`, 'the same layer in the other program', (row) => (row.other ? row.other.took : NaN)),
      number('ratio', 'the other one\u2019s cycles divided by these', (row) => (row.other && row.took ? row.other.took / row.took : NaN), (value) => fixed(value, 3))] : []),
    number('own bound', 'the most cycles that one resource needs, everything else hidden', (row) => row.bound_cycles),
    { name: 'bound by', title: 'which resource that is', text: true, value: (row) => row.bound, show: (row) => row.bound || '–' },
    number('used', 'ideal cycles divided by those taken', (row) => row.used, percent),
    number('waited', 'cycles in which its unit did not issue', waits),
    { name: 'mostly for', title: 'what it waited for longest', text: true, value: longestWait, show: longestWait },
    number('million multiply-accumulates', 'of all frames of a run', (row) => row.multiply_accumulates / 1e6, short),
    number('weight bits', 'of the weights', (row) => row.weight_bits || NaN), number('activation bits', 'of the activations that it multiplies', (row) => row.activation_bits || NaN),
    number('tera op/s', 'operations a second', (row) => (row.multiply_accumulates ? rateOf(row, program) / 1e12 : NaN), short),
    number('op/byte', 'operations a byte of memory traffic', (row) => (row.multiply_accumulates ? intensityOf(row, program) : NaN), short),
    ...[number('µJ a frame', 'energy of its events, and leakage and clock for the time that it took', (row) => joulesOf(row.name, program) * 1e6, short)],
  ];
  made.append(sortableTable('layer-table', 'All layers', columns, rows));
}

function provenanceTable(programs) {
  const made = section('provenance', 'Where the figures come from',
    'Cycles are counted, not estimated: the program says in which cycle everything happens, and northpole verify proves that it does. Frames a second are the frames of a run divided by its cycles, times the clock, runs one after another. What constants of the machine enter, and how well each is known:');
  const column = (name, key, wide) => ({ name, title: name, text: true, wide, value: (row) => String(row[key]), show: (row) => String(row[key]) });
  programs.forEach((program, which) => {
    if (programs.length > 1) made.append(element('h3', {}, program.name));
    made.append(sortableTable(`provenance-table${which === 0 ? '' : '-other'}`, 'Constants and their sources',
      [column('constant', 'name'), column('value', 'value'), column('meaning', 'meaning', true), column('status', 'status'), column('source', 'source', true)], program.provenance));
  });
}
