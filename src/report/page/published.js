'use strict';
// Published machines, and in tables of their own what the model says of the programs here.
function publishedMachines(programs, published) {
  const made = section('published', 'Beside published machines',
    'ResNet-50 as published by others, each figure with its source; below, by themselves, the modelled figures of this page. A blank was not published.');
  const figure = (key, show) => ({ name: key.replaceAll('_', ' '), title: 'as published', value: (row) => (row[key] ? row[key].value : -1), show: (row) => (row[key] ? show(row[key].value) : '') });
  const text = (name, key) => ({ name, title: name, text: true, wide: name === 'sources', value: (row) => row[key], show: (row) => row[key] });
  const rows = published.machines.map((machine) => ({ ...machine, sources: [...new Set(['frames_per_second', 'watts', 'frames_per_joule'].filter((key) => machine[key]).map((key) => machine[key].source))].join('; ') }));
  made.append(element('h3', {}, 'Published'), sortableTable('published-table', 'Published machines',
    [text('machine', 'name'), figure('frames_per_second', grouped), figure('watts', short), figure('frames_per_joule', grouped), text('technology', 'technology'), text('number format', 'format'), text('sources', 'sources')], rows));
  const number = (name, value, show) => ({ name, title: `modelled, ${programs[0].energy.calibrated_on}`, value, show: (row) => show(value(row)) });
  made.append(element('h3', {}, `Modelled, ${programs[0].energy.calibrated_on}`), sortableTable('modelled-table', 'Modelled programs', [
    { name: 'program', title: 'file', text: true, value: (row) => row.name, show: (row) => `${row.name} (${row.summary.network})` },
    number('frames per second', (row) => row.energy.time.frames_per_second, grouped), number('watts', (row) => row.energy.watts, (value) => fixed(value, 1)), number('frames per joule', (row) => row.energy.frames_per_joule, short),
    number('frames/s a billion transistors', (row) => row.energy.space.frames_per_second_per_billion, short), number('latency, µs', (row) => row.summary.latency_microseconds, (value) => fixed(value, 1)),
  ], programs));
  const list = element('ul', {}, ...published.ratios.map((one) => element('li', {}, `${one.subject}: ${one.what}, × ${short(one.times)} (${one.source})`)), ...published.disagreements.map((one) => element('li', {}, one)));
  made.append(element('details', {}, element('summary', {}, 'Published ratios, and where sources disagree'), list));
}
