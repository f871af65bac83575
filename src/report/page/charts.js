'use strict';
// Charts: made in one way, so that all of them follow the window's size, say what they show, and obey the keyboard.
const northpole = { charts: {}, ready: false };

const shades = ['#f4f7fa', '#c9dbea', '#86b1d6', '#3a78b5', '#123f73', '#06192f'];  // light to dark, in grey too
const inks = ['#0b4f9e', '#c25e00'];                                                 // first and second program
// Neighbouring layers differ in lightness, so that they can be told apart without colour.
const layerColour = (index, layers) => (index >= layers ? '#9aa3ab' : `hsl(${(index * 47 + 205) % 360}, 55%, ${[36, 72, 54][index % 3]}%)`);
const isDark = (index, layers) => index < layers && index % 3 === 0;

function chart(parent, id, height, description, option) {
  const place = element('div', { class: 'chart', id, style: `height:${height}px`, tabindex: 0, role: 'img', 'aria-label': description });
  parent.append(place);
  const made = echarts.init(place, null, { renderer: 'canvas' });
  made.setOption({ animation: false, textStyle: { fontFamily: 'inherit', color: '#16202a' }, ...option });
  new ResizeObserver(() => made.resize()).observe(place);
  northpole.charts[id] = made;
  if (option.dataZoom) place.addEventListener('keydown', (event) => zoomByKey(made, event));
  return made;
}

// The axis of charts by layer: as many names as there is room for, all when zoomed in.
// Of layers in one the first, of a long name its end.
const onAxis = (name) => shortLayer(name.split(' + ')[0], 14);
const layerAxis = (names) => ({ type: 'category', data: names, axisLabel: { rotate: 40, fontSize: 10, hideOverlap: true, formatter: onAxis } });
const layerAxisHeight = 84;

// The zoomed part, in per cent of the whole.
function zoomOf(made) {
  const { start, end } = made.getOption().dataZoom[0];
  return { start, end };
}
function zoomTo(made, start, end) {
  const width = Math.max(Math.min(end - start, 100), 0.02);
  const first = Math.max(0, Math.min(start, 100 - width));
  made.dispatchAction({ type: 'dataZoom', dataZoomIndex: 0, start: first, end: first + width });
}
function zoomBy(made, factor) {
  const { start, end } = zoomOf(made);
  const middle = (start + end) / 2, half = ((end - start) / 2) * factor;
  zoomTo(made, middle - half, middle + half);
}
function moveBy(made, share) {
  const { start, end } = zoomOf(made);
  zoomTo(made, start + (end - start) * share, end + (end - start) * share);
}
function zoomByKey(made, event) {
  const actions = {
    '+': () => zoomBy(made, 0.5), '=': () => zoomBy(made, 0.5), '-': () => zoomBy(made, 2), '0': () => zoomTo(made, 0, 100),
    ArrowLeft: () => moveBy(made, -0.25), ArrowRight: () => moveBy(made, 0.25),
  };
  if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  actions[event.key]();
  event.preventDefault();
}
function zoomButtons(made) {
  const button = (text, label, action) => element('button', { type: 'button', 'aria-label': label, title: label, onclick: action }, text);
  return [
    button('+', 'zoom in', () => zoomBy(made, 0.5)), button('−', 'zoom out', () => zoomBy(made, 2)),
    button('◀', 'earlier', () => moveBy(made, -0.5)), button('▶', 'later', () => moveBy(made, 0.5)),
    button('all', 'show the whole run', () => zoomTo(made, 0, 100)),
  ];
}
// Zooming one zooms the others; their axes are the same.
function joinZooms(charts) {
  let busy = false;
  for (const made of charts) {
    made.on('datazoom', () => {
      if (busy) return;
      busy = true;
      const { start, end } = zoomOf(made);
      for (const other of charts) if (other !== made) zoomTo(other, start, end);
      busy = false;
    });
  }
}
const cyclesAxis = { type: 'value', min: 0, name: 'cycle', nameLocation: 'middle', nameGap: 24, axisLabel: { formatter: (value) => grouped(value), hideOverlap: true } };
const zooms = [{ type: 'slider', xAxisIndex: 0, filterMode: 'weakFilter', bottom: 6, height: 20, showDataShadow: false, labelFormatter: (value) => grouped(value) },
               { type: 'inside', xAxisIndex: 0, filterMode: 'weakFilter', zoomOnMouseWheel: 'ctrl', moveOnMouseWheel: false }];

// A table whose columns sort: {name, title, text, value(row), show(row)}.
function sortableTable(id, caption, columns, rows) {
  const body = element('tbody', {});
  let sorted = null, rising = true;
  const heads = columns.map((column, index) => element('th', { scope: 'col', class: column.text ? 'text' : null, 'aria-sort': 'none' },
    element('button', { type: 'button', title: column.title, onclick: () => sortBy(index) }, column.name)));
  function draw(order) {
    body.replaceChildren(...order.map((row) => element('tr', {}, ...columns.map((column, index) =>
      element(index === 0 ? 'th' : 'td', { class: column.text ? (column.wide ? 'text wide' : 'text') : null, scope: index === 0 ? 'row' : null, title: index === 0 ? column.show(row) : null }, column.show(row))))));
  }
  function sortBy(index) {
    rising = sorted === index ? !rising : !!columns[index].text;
    sorted = index;
    heads.forEach((head, at) => head.setAttribute('aria-sort', at !== index ? 'none' : rising ? 'ascending' : 'descending'));
    const value = columns[index].value;
    const before = (a, b) => (typeof value(a) === 'string' ? value(a).localeCompare(value(b)) : value(a) - value(b));
    draw([...rows].sort((a, b) => (rising ? before(a, b) : before(b, a))));
  }
  draw(rows);
  return element('div', { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': caption },
    element('table', { id }, element('thead', {}, element('tr', {}, ...heads)), body));
}
