'use strict';
// Layers by threads and networks in time.
function timeline(programs) {
  const made = section('timeline', 'Timeline',
    'Above: how busy the threads of all cores, and the links of each network, were in each interval, named after the layer that they did most for. Below: the instructions of one core, one by one. Zoom with the slider, the buttons, + and − or pinch (with a mouse: Ctrl and wheel); arrow keys move. Both follow each other.');
  const charts = [];
  const layers = programs[0].layers;
  const jump = element('select', { id: 'timeline-layer', 'aria-label': 'zoom to a layer' }, element('option', { value: '' }, 'zoom to a layer …'),
    ...layers.map((layer, index) => element('option', { value: index }, layer.name)));
  const controls = element('div', { class: 'controls' });
  made.append(controls);
  const longest = Math.max(...programs.map((program) => program.summary.cycles));
  programs.forEach((program, which) => {
    const suffix = which === 0 ? '' : '-other';
    if (programs.length > 1) made.append(element('h3', {}, program.name));
    const overview = chart(made, `timeline-chart${suffix}`, 430, `Timeline of all cores of ${program.name}: busy share of each thread and network`, overviewOption(program, longest));
    const core = element('select', { id: `timeline-core${suffix}`, 'aria-label': 'core' }, ...program.slices.map((one, index) => element('option', { value: index }, `core ${one.core} (row ${Math.floor(one.core / program.chip.columns)}, column ${one.core % program.chip.columns})`)));
    made.append(element('div', { class: 'controls' }, element('label', {}, 'instructions of ', core)));
    const detail = chart(made, `slices-chart${suffix}`, 330, `Instructions of one core of ${program.name} in time`, slicesOption(program, 0, longest));
    core.addEventListener('input', () => detail.setOption({ series: [{ data: slicesOf(program, Number(core.value)) }] }));
    charts.push(overview, detail);
  });
  joinZooms(charts);
  controls.append(...zoomButtons(charts[0]), jump);
  jump.addEventListener('input', () => {
    if (jump.value === '') return zoomTo(charts[0], 0, 100);
    const layer = layers[Number(jump.value)];
    const margin = 0.1 * (layer.last_issue - layer.first_issue + 1);
    zoomTo(charts[0], (100 * (layer.first_issue - margin)) / longest, (100 * (layer.last_issue + margin)) / longest);
  });
}

// A bar as high as its row is busy, with the layer's name where there is room.
function bar(program, parameters, api, first, last, row, share, index) {
  const layers = program.layers.length;
  const begin = api.coord([first, row]), end = api.coord([last, row]);
  const rowHeight = api.size([0, 1])[1] * 0.86;
  const height = Math.max(share > 0 ? 1 : 0, rowHeight * Math.min(1, share));
  const shape = echarts.graphic.clipRectByRect({ x: begin[0], y: begin[1] + rowHeight / 2 - height, width: Math.max(end[0] - begin[0], 0.6), height }, parameters.coordSys);
  if (!shape) return null;
  const rectangle = { type: 'rect', shape, style: { fill: layerColour(index, layers) } };
  const name = program.names[index] || '';
  if (shape.width < 38 || height < 11) return rectangle;
  rectangle.textContent = { type: 'text', style: { text: name, fill: isDark(index, layers) ? '#fff' : '#16202a', fontSize: 10, width: shape.width - 4, overflow: 'truncate' } };
  rectangle.textConfig = { position: 'inside' };
  return rectangle;
}
const rowsAxis = (names) => ({ type: 'category', data: names, inverse: true, axisTick: { show: false }, axisLabel: { interval: 0, fontSize: 11 }, splitLine: { show: true } });

function overviewOption(program, longest) {
  const { interval, rows } = program.timeline, cycles = program.summary.cycles;
  const data = [];
  rows.forEach((row, number) => {
    // Neighbouring intervals of one layer that are equally busy are one bar.
    for (let i = 0; i < row.busy.length;) {
      let end = i + 1;
      while (end < row.busy.length && row.layer[end] === row.layer[i] && Math.abs(row.busy[end] - row.busy[i]) < 8) ++end;
      if (row.busy[i] > 0) data.push([i * interval, Math.min(end * interval, cycles), number, row.busy[i] / 1000, row.layer[i]]);
      i = end;
    }
  });
  return {
    grid: { left: 88, right: 14, top: 8, bottom: 66 }, dataZoom: zooms, xAxis: { ...cyclesAxis, max: longest }, yAxis: rowsAxis(rows.map((row) => row.name)),
    tooltip: { confine: true, formatter: ({ value }) => `<b>${escaped(rows[value[2]].name)}</b>, mostly ${escaped(program.names[value[4]])}<br>cycles ${grouped(value[0])} to ${grouped(value[1] - 1)}<br>${percent(value[3])} busy` },
    series: [{ type: 'custom', data, encode: { x: [0, 1], y: 2 }, renderItem: (parameters, api) => bar(program, parameters, api, api.value(0), api.value(1), api.value(2), api.value(3), api.value(4)) }],
  };
}

function slicesOf(program, which) {
  const data = [];
  program.slices[which].threads.forEach((thread, row) => {
    let free = 0;
    thread.gap.forEach((gap, i) => {
      const first = free + gap;
      free = first + thread.length[i];
      data.push([first, free, row, thread.events[i] / thread.length[i], thread.layer[i], thread.events[i]]);
    });
  });
  return data;
}
function slicesOption(program, which, longest) {
  const threads = program.slices[which].threads;
  return {
    grid: { left: 88, right: 14, top: 8, bottom: 66 }, dataZoom: zooms, xAxis: { ...cyclesAxis, max: longest }, yAxis: rowsAxis(threads.map((thread) => thread.name)),
    tooltip: { confine: true, formatter: ({ value }) => `<b>${escaped(threads[value[2]].name)}</b> for ${escaped(program.names[value[4]])}<br>cycles ${grouped(value[0])} to ${grouped(value[1] - 1)}<br>${grouped(value[5])} events` },
    series: [{ type: 'custom', data: slicesOf(program, which), encode: { x: [0, 1], y: 2 }, renderItem: (parameters, api) => bar(program, parameters, api, api.value(0), api.value(1), api.value(2), Math.max(0.25, api.value(3)), api.value(4)) }],
  };
}
