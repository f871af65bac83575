'use strict';
// The array of cores as maps, with a slider over the layers.
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function arrayMaps(programs) {
  const made = section('array', 'The array',
    'What each core did, and what each link between cores carried. Move the slider (arrow keys when it has the focus) to see one layer. North is up; frames enter from the west.');
  const layers = programs[0].layers;
  const kinds = mapKinds(programs);
  const slider = element('input', { type: 'range', id: 'array-slider', min: 0, max: layers.length, value: 0, step: 1, 'aria-label': 'layer' });
  const shown = element('output', { for: 'array-slider', id: 'array-layer' });
  const kind = element('select', { id: 'array-kind' }, ...kinds.map((one) => element('option', { value: one.id }, one.name)));
  const network = element('select', { id: 'array-network' }, ...Object.keys(programs[0].array.links).map((name) => element('option', { value: name }, name)));
  made.append(element('div', { class: 'controls' }, element('label', {}, 'cores: ', kind), element('label', {}, 'links: ', network)),
    element('div', { class: 'controls' }, element('label', { for: 'array-slider' }, 'layer'), slider), element('div', { class: 'controls' }, shown));
  const charts = programs.map((program, which) => {
    const pair = element('div', { class: 'pair' });
    if (programs.length > 1) made.append(element('h3', {}, program.name));
    made.append(pair);
    const height = Math.round(Math.min(430, 90 + 26 * program.chip.rows));
    const cores = element('div', {}), links = element('div', {});
    pair.append(cores, links);
    const suffix = which === 0 ? '' : '-other';
    return { cores: chart(cores, `cores-chart${suffix}`, height, `Map of the cores of ${program.name}`, coresOption(program)),
             links: chart(links, `links-chart${suffix}`, height, `Map of the links of ${program.name}`, linksOption(program)) };
  });
  function draw() {
    const position = Number(slider.value);
    shown.textContent = position === 0 ? 'all layers' : `${position} of ${layers.length}: ${layers[position - 1].name}`;
    slider.setAttribute('aria-valuetext', shown.textContent);
    programs.forEach((program, which) => {
      const layer = position === 0 ? null : program.layers.find((one) => one.name === layers[position - 1].name) || null;
      const missing = position !== 0 && layer === null;
      drawCores(charts[which].cores, program, kinds.find((one) => one.id === kind.value), layer, missing);
      drawLinks(charts[which].links, program, network.value, layer, missing);
    });
  }
  for (const control of [slider, kind, network]) control.addEventListener('input', draw);
  draw();
}

// By id: a value for each core, and the value that full colour stands for.
function mapKinds(programs) {
  const cycles = (program, layer) => (layer ? Math.max(layer.last_issue - layer.first_issue + 1, 1) : program.summary.cycles);
  const share = (key) => (program, layer) => {
    const of = program.array[key];
    const counts = layer ? of[layer.index] : of[0].map((_, core) => sum(of.map((one) => one[core])));
    return { values: counts.map((count) => (100 * count) / cycles(program, layer)), full: 100, unit: '%' };
  };
  const kinds = [
    { id: 'vmm', name: 'vector-matrix unit, % of the cycles from first to last issue', of: share('vmm') },
    { id: 'vector', name: 'vector unit, % of the cycles from first to last issue', of: share('vector') },
    { id: 'memory', name: 'memory in use at the last issue, KiB', of: (program, layer) => {
      const of = program.array.memory_words;
      const words = layer ? of[program.layers.indexOf(layer)] : of[0].map((_, core) => Math.max(...of.map((one) => one[core])));
      return { values: words.map((count) => count / 32), full: program.summary.core_bytes / 1024, unit: 'KiB' };
    } },
  ];
  if (programs.every((program) => program.array.energy)) kinds.push({ id: 'energy', name: 'energy of its events, nJ a frame (without leakage and clock)', of: (program, layer) => {
    const of = program.array.energy;
    const values = (layer ? of[layer.index] || of[0].map(() => 0) : of[0].map((_, core) => sum(of.map((one) => one[core])))).map((value) => value * 1e9);
    return { values, full: Math.max(...values, 1e-9), unit: 'nJ' };
  } });
  return kinds;
}

const arrayAxes = (chip) => ({
  grid: { left: 40, right: 8, top: 24, bottom: 64 },
  xAxis: { type: 'category', data: [...Array(chip.columns).keys()], position: 'top', axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } },
  yAxis: { type: 'category', data: [...Array(chip.rows).keys()], inverse: true, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { margin: 18 } },
});
const scale = (full, unit) => ({ type: 'continuous', min: 0, max: full, inRange: { color: shades }, orient: 'horizontal', left: 'center', bottom: 4, itemHeight: 160, itemWidth: 14, calculable: false, text: [`${short(full)} ${unit}`, `0`], precision: 1 });

function coresOption(program) {
  return { ...arrayAxes(program.chip), visualMap: { ...scale(100, '%'), dimension: 2 },
    tooltip: { confine: true, formatter: ({ value }) => `core ${value[1] * program.chip.columns + value[0]}, row ${value[1]}, column ${value[0]}<br><b>${short(value[2])} ${value[3]}</b>` },
    series: [{ type: 'heatmap', data: [], itemStyle: { borderColor: '#fff', borderWidth: 1 } }] };
}
function drawCores(made, program, kind, layer, missing) {
  const { values, full, unit } = missing ? { values: Array(program.chip.rows * program.chip.columns).fill(0), full: 100, unit: '%' } : kind.of(program, layer);
  const columns = program.chip.columns;
  const text = columns <= 16 && made.getWidth() > 460;
  made.setOption({ visualMap: { ...scale(full, unit), dimension: 2 }, series: [{ data: values.map((value, core) => ({
    value: [core % columns, Math.floor(core / columns), value, unit],
    label: { show: text, fontSize: 10, color: value > 0.5 * full ? '#fff' : '#16202a', formatter: () => (value >= 99.5 || value === 0 ? String(Math.round(value)) : short(value).slice(0, 4)) },
  })) }] });
}

const linkScale = (full) => ({ ...scale(full, '%'), dimension: 3, inRange: { color: ['#dfe5ea', ...shades.slice(2)] } });  // lines want more than the lightest

// Two strokes between neighbours, one for each direction.
function linksOption(program) {
  return { ...arrayAxes(program.chip), visualMap: linkScale(100),
    tooltip: { confine: true, formatter: ({ value }) => `from core ${value[4]} to the ${['north', 'east', 'south', 'west', 'east, out of the edge unit'][value[2]]}<br><b>${short(value[3])} % of the cycles</b>` },
    series: [{ type: 'custom', data: [], encode: { x: 0, y: 1 }, renderItem: (parameters, api) => {
      const [x, y] = api.coord([api.value(0), api.value(1)]);
      const [width, height] = api.size([1, 1]);
      const [dx, dy] = [[0, -1], [1, 0], [0, 1], [-1, 0], [1, 0]][api.value(2)];
      const edge = api.value(2) === 4;
      const side = 0.13;  // right of the way it goes
      const begin = [x + (edge ? -0.75 * width : dx * 0.18 * width) - dy * side * width, y + dy * 0.18 * height + dx * side * height];
      const end = [x + (edge ? -0.18 * width : dx * 0.82 * width) - dy * side * width, y + dy * 0.82 * height + dx * side * height];
      return { type: 'line', shape: { x1: begin[0], y1: begin[1], x2: end[0], y2: end[1] }, style: { stroke: api.visual('color'), lineWidth: 1.5 + Math.min(3, api.value(3) / 15) } };
    } }] };
}
function drawLinks(made, program, network, layer, missing) {
  const of = program.array.links[network], { rows, columns } = program.chip;
  const lanes = network === 'model' ? program.chip.model_lanes : 1;
  const cycles = layer ? Math.max(layer.last_issue - layer.first_cycle + 1, 1) : program.summary.cycles;
  const data = [];
  for (let link = 0; link < rows * columns * 4 + rows; ++link) {
    const edge = link >= rows * columns * 4;
    const core = edge ? (link - rows * columns * 4) * columns : Math.floor(link / 4), direction = edge ? 4 : link % 4;
    const row = Math.floor(core / columns), column = core % columns;
    // Links out of the array do not exist, but for those to the edge units.
    if (direction === 0 && row === 0) continue;
    if (direction === 1 && column === columns - 1) continue;
    if (direction === 2 && row === rows - 1) continue;
    if ((direction === 3 && column === 0 || edge) && network !== 'activations') continue;
    const count = missing ? 0 : layer ? of[layer.index][link] : sum(of.map((one) => one[link]));
    data.push([column, row, direction, (100 * count) / (lanes * cycles), core]);
  }
  const full = Math.max(...data.map((one) => one[3]), 1);
  made.setOption({ visualMap: linkScale(full), series: [{ data }] });
}
