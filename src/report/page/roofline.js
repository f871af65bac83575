'use strict';
// Each layer's speed against what arithmetic and memory allow.
function roofline(programs) {
  const made = section('roofline', 'Roofline',
    'Every layer with multiply-accumulates: how fast it went over the operations that it makes of each byte which the cores\u2019 memories give or take. Flat lines: the rate of all vector-matrix units at 8, 4 and 2 bit. Sloping line: all memory banks, every cycle. The table of layers has the same numbers.');
  const chip = programs[0].chip, clock = chip.clock_megahertz * 1e6, cores = chip.rows * chip.columns;
  const perOperation = chip.operations_per_multiply_accumulate;
  const bandwidth = cores * chip.banks * 32 * clock;
  const peaks = [8, 4, 2].map((bits) => ({ bits, rate: (cores * 8192 / bits) * perOperation * clock }));
  const symbols = { 8: 'circle', 4: 'triangle', 2: 'diamond' };
  const series = [];
  let lowest = Infinity, highest = 0, slowest = Infinity;
  programs.forEach((program, which) => {
    for (const bits of [8, 4, 2]) {
      const data = program.layers.filter((layer) => layer.multiply_accumulates > 0 && layer.memory_bytes > 0 && layer.took > 0 && layer.activation_bits === bits)
        .map((layer) => ({ name: layer.name, value: [intensityOf(layer, program), rateOf(layer, program) / 1e12], layer }));
      if (!data.length) continue;
      for (const { value } of data) { lowest = Math.min(lowest, value[0]); highest = Math.max(highest, value[0]); slowest = Math.min(slowest, value[1]); }
      series.push({ type: 'scatter', name: `${programs.length > 1 ? `${program.name}, ` : ''}${bits}-bit activations`, data, symbol: symbols[bits], symbolSize: 11,
        itemStyle: which === 0 ? { color: inks[0], opacity: 0.8 } : { color: '#fff', borderColor: inks[1], borderWidth: 2 } });
    }
  });
  if (!series.length) { made.append(element('p', {}, 'No layer has multiply-accumulates.')); return; }
  const from = lowest / 3, to = Math.max(highest, peaks[2].rate / bandwidth) * 4;
  for (const { bits, rate } of peaks)
    series.push({ type: 'line', name: `peak at ${bits} bit`, symbol: 'none', data: [[Math.max(from, rate / bandwidth), rate / 1e12], [to, rate / 1e12]], lineStyle: { color: '#16202a', width: 1.5, type: bits === 8 ? 'solid' : bits === 4 ? 'dashed' : 'dotted' },
      endLabel: { show: true, formatter: `${bits} bit: ${short(rate / 1e12)}`, align: 'right', offset: [-6, -9], color: '#16202a' }, silent: true });
  series.push({ type: 'line', name: 'memory banks', symbol: 'none', silent: true, lineStyle: { color: '#5d6872', width: 1.5 }, data: [[from, (from * bandwidth) / 1e12], [peaks[2].rate / bandwidth, peaks[2].rate / 1e12]] });
  chart(made, 'roofline-chart', 430, 'Roofline: operations a second of each layer over operations per byte of memory traffic', {
    grid: { left: 62, right: 20, top: 44, bottom: 48 },
    legend: { top: 0, type: 'scroll', data: series.filter((one) => one.type === 'scatter').map((one) => one.name) },
    tooltip: { trigger: 'item', confine: true, formatter: ({ data, seriesName }) => data.layer ? `<b>${escaped(data.layer.name)}</b><br>${seriesName}, ${data.layer.weight_bits}-bit weights<br>${short(data.value[1])} tera operations a second<br>${short(data.value[0])} operations a byte<br>bound by: ${data.layer.bound || 'unknown'}` : seriesName },
    xAxis: { type: 'log', name: 'operations a byte of memory traffic', nameLocation: 'middle', nameGap: 28, min: Number(from.toPrecision(1)), max: Number(to.toPrecision(1)), axisLabel: { hideOverlap: true } },
    yAxis: { type: 'log', name: 'tera operations a second', nameLocation: 'middle', nameGap: 44, min: 10 ** Math.floor(Math.log10(slowest)), max: 10 ** Math.ceil(Math.log10(peaks[2].rate / 1e12)) },
    series,
  });
}
const rateOf = (layer, program) => (layer.multiply_accumulates * program.chip.operations_per_multiply_accumulate * program.chip.clock_megahertz * 1e6) / layer.took;
const intensityOf = (layer, program) => (layer.multiply_accumulates * program.chip.operations_per_multiply_accumulate) / layer.memory_bytes;
