'use strict';
// Where the joules go.
function joulesOf(name, program) {
  const layer = program.energy.layers.find((one) => one.name === name);
  return layer ? layer.joules : NaN;
}

function energy(programs) {
  const made = section('energy', 'Energy by part and by layer',
    `Counted events times an energy each, leakage and clock by time; ${programs[0].energy.calibrated_on}. The constants are in the last table of this page.`);
  const largest = programs[0].energy.parts.map((part, index) => ({ index, text: part.text, joules: Math.max(...programs.map((program) => program.energy.parts[index].joules)) }))
    .filter((part) => part.joules > 0).sort((a, b) => a.joules - b.joules);
  const pair = element('div', { class: 'pair' });
  made.append(pair);
  const parts = element('div', {}), layers = element('div', {});
  pair.append(parts, layers);
  const colours = ['#123f73', '#e39b4f'];
  chart(parts, 'energy-parts-chart', Math.max(300, 60 + largest.length * (14 + 14 * programs.length)), 'Energy of a frame by part of the chip', {
    aria: { enabled: programs.length > 1, decal: { show: programs.length > 1 } }, legend: programs.length > 1 ? { top: 0, type: 'scroll' } : undefined,
    grid: { left: 185, right: 70, top: 34, bottom: 40 }, tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, valueFormatter: (value) => `${short(value)} µJ` },
    xAxis: { type: 'value', name: 'µJ a frame', nameLocation: 'middle', nameGap: 24, axisLabel: { hideOverlap: true } }, yAxis: { type: 'category', data: largest.map((part) => part.text), axisLabel: { interval: 0, width: 175, overflow: 'truncate' } },
    series: programs.map((program, which) => ({ type: 'bar', name: program.name, itemStyle: { color: colours[which] }, data: largest.map((part) => program.energy.parts[part.index].joules * 1e6),
      label: { show: true, position: 'right', color: '#16202a', formatter: ({ value }) => `${fixed((100 * value) / (sum(program.energy.parts.map((part) => part.joules)) * 1e6), 1)} %` } })),
  });
  // By layer: the five largest parts apart, all others together.
  const first = [...largest].reverse().slice(0, 5);
  programs.forEach((program, which) => {
    const of = program.energy.layers.filter((layer) => layer.joules > 0);
    const series = first.map((part, at) => ({ name: part.text, data: of.map((layer) => layer.parts[part.index] * 1e6), color: shades[5 - at] }));
    series.push({ name: 'all else', data: of.map((layer) => (layer.joules - sum(first.map((part) => layer.parts[part.index]))) * 1e6), color: '#e9e4d4' });
    if (programs.length > 1) layers.append(element('h3', {}, program.name));
    chart(layers, `energy-layers-chart${which === 0 ? '' : '-other'}`, programs.length > 1 ? 360 : Math.max(300, 60 + largest.length * 28), `Energy of a frame by layer of ${program.name}`, {
      aria: { enabled: true, decal: { show: true } }, legend: { top: 0, type: 'scroll' }, grid: { left: 60, right: 10, top: 62, bottom: layerAxisHeight }, dataZoom: [{ type: 'slider', bottom: 4, height: 16, showDataShadow: false }],
      tooltip: { trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, valueFormatter: (value) => `${short(value)} µJ` },
      xAxis: layerAxis(of.map((layer) => layer.name)), yAxis: { type: 'value', name: 'µJ a frame' },
      series: series.map((one) => ({ type: 'bar', stack: 'all', name: one.name, itemStyle: { color: one.color }, data: one.data })),
    });
  });
  made.append(spaceTables(programs));
}

function spaceTables(programs) {
  const column = (name, key, show) => ({ name, title: name, text: !show, wide: key === 'source', value: (row) => row[key], show: (row) => (show ? show(row[key]) : row[key]) });
  return element('details', {}, element('summary', {}, 'Space: transistors and area by part of the chip'), ...programs.map((program, which) =>
    sortableTable(`space-table${which === 0 ? '' : '-other'}`, 'Transistors and area by part', [column('part', 'text'), column('transistors, millions', 'transistors', (value) => grouped(value / 1e6)), column('mm²', 'square_millimetres', short), column('how it was arrived at', 'source')], program.energy.space.parts)));
}
