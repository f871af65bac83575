'use strict';
// The page of northpole explore: chips as points, the frontier among them, and a table.
const measures = {
  frames_per_joule: { name: 'frames a joule', better: 1, show: short },
  frames_per_second_per_square_millimetre: { name: 'frames/s a mm²', better: 1, show: short },
  latency_microseconds: { name: 'latency, µs', better: -1, show: short },
  frames_per_second: { name: 'frames a second', better: 1, show: grouped },
  watts: { name: 'watts', better: -1, show: (value) => fixed(value, 1) },
  square_millimetres: { name: 'mm²', better: -1, show: grouped },
  cycles_per_frame: { name: 'cycles a frame', better: -1, show: grouped },
  utilisation: { name: 'arithmetic used', better: 1, show: percent },
};
const settingsOf = (chip) => Object.entries(chip.settings).map(([key, value]) => `${key === 'clock_megahertz' ? 'MHz' : key} ${value}`).join(', ') || 'as given';

function bestOf(chips, key) {
  const { better } = measures[key];
  return chips.reduce((best, chip) => (best === null || better * (chip[key] - best[key]) > 0 ? chip : best), null);
}

function summary(chips, all, calibrated) {
  const made = section('verdict', 'Verdict');
  const tiles = element('div', { class: 'tiles' });
  const tile = (name, value, note) => tiles.append(element('div', { class: 'tile', 'data-fact': name }, element('div', { class: 'name' }, name), element('div', { class: 'value' }, value), element('div', { class: 'note' }, note)));
  tile('Chips', `${grouped(chips.length)} of ${grouped(all.length)} fit`, chips.length < all.length ? 'the table says why the others do not' : 'the network fits all of them');
  for (const key of ['frames_per_joule', 'frames_per_second_per_square_millimetre', 'latency_microseconds', 'frames_per_second']) {
    const best = bestOf(chips, key);
    if (best) tile(`Best: ${measures[key].name}`, measures[key].show(best[key]), settingsOf(best));
  }
  made.append(tiles, element('p', {}, `Watts and joules are modelled, ${calibrated}. Schedules were made with few trials; northpole compile makes shorter ones.`));
}

function pareto(chips) {
  const made = section('pareto', 'Frontier', 'Each point is a chip. Filled: no other one is better in frames a joule, frames/s a mm² and latency at once. The line joins those that no other one beats in the two figures shown. Shapes tell the values of what you choose apart.');
  const options = (chosen) => Object.entries(measures).map(([key, one]) => element('option', { value: key, selected: key === chosen ? '' : null }, one.name));
  const x = element('select', { id: 'pareto-x' }, ...options('frames_per_second_per_square_millimetre'));
  const y = element('select', { id: 'pareto-y' }, ...options('frames_per_joule'));
  const keys = [...new Set(chips.flatMap((chip) => Object.keys(chip.settings)))];
  const by = element('select', { id: 'pareto-by' }, ...keys.map((key) => element('option', { value: key }, key)));
  made.append(element('div', { class: 'controls' }, element('label', {}, 'across: ', x), element('label', {}, 'up: ', y), keys.length ? element('label', {}, 'shape by: ', by) : null));
  const symbols = ['circle', 'triangle', 'rect', 'diamond', 'pin', 'arrow', 'roundRect'];
  const colours = ['#0b4f9e', '#c25e00', '#2d7a3f', '#8a3a8f', '#6b5900', '#9e1b32', '#3d4750'];
  const plot = chart(made, 'pareto-chart', 480, 'Chips by two figures', {
    grid: { left: 66, right: 24, top: 50, bottom: 52 }, legend: { top: 0, type: 'scroll' },
    tooltip: { confine: true, formatter: ({ data, seriesName }) => data.chip ? `<b>${escaped(settingsOf(data.chip))}</b><br>${Object.entries(measures).map(([key, one]) => `${one.name}: ${one.show(data.chip[key])}`).join('<br>')}` : seriesName },
    xAxis: { type: 'value', scale: true, nameLocation: 'middle', nameGap: 30 }, yAxis: { type: 'value', scale: true, nameLocation: 'middle', nameGap: 50 }, series: [],
  });
  function draw() {
    const values = [...new Set(chips.map((chip) => chip.settings[by.value]))];
    const series = values.map((value, index) => ({ type: 'scatter', name: value === undefined ? 'chips' : `${by.value === 'clock_megahertz' ? 'MHz' : by.value} ${value}`, symbol: symbols[index % symbols.length], symbolSize: 12, itemStyle: { color: colours[index % colours.length] },
      data: chips.filter((chip) => chip.settings[by.value] === value).map((chip) => ({ value: [chip[x.value], chip[y.value]], chip,
        itemStyle: { color: chip.frontier ? colours[index % colours.length] : '#fff', borderColor: colours[index % colours.length], borderWidth: 1.5 } })) }));
    const across = measures[x.value].better, up = measures[y.value].better;
    const unbeaten = chips.filter((chip) => !chips.some((other) => across * (other[x.value] - chip[x.value]) >= 0 && up * (other[y.value] - chip[y.value]) >= 0 && (other[x.value] !== chip[x.value] || other[y.value] !== chip[y.value])))
      .sort((a, b) => a[x.value] - b[x.value]);
    series.push({ type: 'line', name: 'frontier', symbol: 'none', silent: true, z: 1, lineStyle: { color: '#16202a', width: 1, type: 'dashed' }, itemStyle: { color: '#16202a' }, data: unbeaten.map((chip) => [chip[x.value], chip[y.value]]) });
    plot.setOption({ xAxis: { name: `${measures[x.value].name} (${across > 0 ? 'more' : 'less'} is better)` }, yAxis: { name: `${measures[y.value].name} (${up > 0 ? 'more' : 'less'} is better)` }, series }, { replaceMerge: ['series'] });
  }
  for (const control of [x, y, by]) control.addEventListener('input', draw);
  draw();
}

function chipsTable(all) {
  const made = section('chips', 'All chips', 'Click a heading to sort. In the column "frontier": no other chip here is better in frames a joule, frames/s a mm² and latency at once.');
  const keys = [...new Set(all.flatMap((chip) => Object.keys(chip.settings)))];
  const asNumber = (text) => (text !== undefined && text !== '' && Number.isFinite(Number(text)) ? Number(text) : NaN);
  made.append(sortableTable('chips-table', 'All chips', [
    { name: 'chip', title: 'what was chosen', text: true, value: settingsOf, show: settingsOf },
    ...Object.entries(measures).map(([key, one]) => ({ name: one.name, title: one.name, value: (chip) => (chip.fits ? chip[key] : -Infinity), show: (chip) => (chip.fits ? one.show(chip[key]) : '–') })),
    { name: 'frontier', title: 'not beaten by any other', text: true, value: (chip) => (chip.frontier ? 'yes' : ''), show: (chip) => (chip.frontier ? 'yes' : '') },
    ...keys.map((key) => ({ name: key, title: key, text: !all.every((chip) => known(asNumber(chip.settings[key]))), value: (chip) => (known(asNumber(chip.settings[key])) ? asNumber(chip.settings[key]) : chip.settings[key] || ''), show: (chip) => chip.settings[key] || '' })),
    { name: 'does not fit because', title: 'what the compiler said', text: true, wide: true, value: (chip) => chip.problem || '', show: (chip) => chip.problem || '' },
  ], all));
}

function start() {
  const { chips: all, title, calibrated_on: calibrated, tool } = JSON.parse(document.getElementById('data').textContent);
  document.getElementById('title').textContent = `Chips for ${title}`;
  const chips = all.filter((chip) => chip.fits);
  summary(chips, all, calibrated);
  if (chips.length) pareto(chips);
  chipsTable(all);
  document.getElementById('main').append(element('footer', {}, `Made by ${tool}. Charts: Apache ECharts ${echarts.version}. This page loads nothing from anywhere.`));
  northpole.ready = true;
  northpole.milliseconds = performance.now();
}
start();
