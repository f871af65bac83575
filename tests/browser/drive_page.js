// Opens a page from the disk in a real browser, uses it as a person would, and prints what was seen as JSON.
//   node drive_page.js report|explore PAGE [FOLDER FOR PICTURES]
'use strict';
const path = require('path');
const { chromium } = require(path.join(__dirname, '../../setup/node_modules/playwright-core'));

const sizes = { desktop: [1400, 900], tablet: [820, 1100], phone: [390, 800] };

async function opened(browser, file, [width, height], seen) {
  const page = await browser.newPage({ viewport: { width, height } });
  page.setDefaultTimeout(300000);  // a busy machine is no fault of the page's
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) seen.console.push(message.text()); });
  page.on('pageerror', (error) => seen.console.push(String(error)));
  page.on('request', (request) => { if (!/^(file|data|blob):/.test(request.url())) seen.requests.push(request.url()); });
  await page.goto(`file://${path.resolve(file)}`);
  await page.waitForFunction('northpole.ready');
  return page;
}

// Canvases with nothing drawn on them, by the chart's id.
const blankCharts = () => Object.keys(northpole.charts).filter((id) => {
  const canvas = document.querySelector(`#${id} canvas`);
  if (!canvas) return true;
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let i = 0; i < data.length && colours.size < 4; i += 4) if (data[i + 3] !== 0) colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
  return colours.size < 3;
});
const zoom = (id) => { const { start, end } = northpole.charts[id].getOption().dataZoom[0]; return end - start; };

async function driveReport(page) {
  const seen = {};
  seen.sections = await page.$$eval('main section', (all) => all.map((one) => one.id));
  seen.facts = await page.$$eval('.tile', (all) => Object.fromEntries(all.map((one) => [one.dataset.fact, one.innerText])));
  // The slider, with the keyboard.
  const values = () => page.evaluate(() => northpole.charts['cores-chart'].getOption().series[0].data.map((one) => one.value[2]));
  await page.focus('#array-slider');
  seen.layer_before = await page.textContent('#array-layer');
  seen.cores_before = await values();
  await page.keyboard.press('ArrowRight');
  seen.layer_after = await page.textContent('#array-layer');
  seen.cores_after = await values();
  await page.selectOption('#array-kind', 'memory');
  seen.memory_map = await values();
  await page.selectOption('#array-network', 'model');
  seen.links = await page.evaluate(() => northpole.charts['links-chart'].getOption().series[0].data.length);
  // Zoom: by button, by key, to a layer; the two timelines follow each other.
  seen.zoom_all = await page.evaluate(zoom, 'timeline-chart');
  await page.click('#timeline button[aria-label="zoom in"]');
  seen.zoom_button = await page.evaluate(zoom, 'timeline-chart');
  seen.zoom_follows = await page.evaluate(zoom, 'slices-chart');
  await page.focus('#slices-chart');
  await page.keyboard.press('+');
  seen.zoom_key = await page.evaluate(zoom, 'slices-chart');
  seen.zoom_follows_back = await page.evaluate(zoom, 'timeline-chart');
  await page.selectOption('#timeline-layer', '0');
  seen.zoom_layer = await page.evaluate(() => { const { start, end } = northpole.charts['timeline-chart'].getOption().dataZoom[0]; return [start, end]; });
  await page.click('#timeline button[aria-label="show the whole run"]');
  seen.zoom_back = await page.evaluate(zoom, 'timeline-chart');
  // With the mouse over the chart: the pointer finds something to tell.
  const box = await page.locator('#timeline-chart').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + 20);
  // Sort by what layers took: falling, then rising.
  seen.took = await page.evaluate(column_of, ['layer-table', 2]);
  await page.click('#layer-table thead th:nth-child(3) button');
  seen.took_falling = await page.evaluate(column_of, ['layer-table', 2]);
  await page.focus('#layer-table thead th:nth-child(3) button');
  await page.keyboard.press('Enter');
  seen.took_rising = await page.evaluate(column_of, ['layer-table', 2]);
  seen.sort_state = await page.getAttribute('#layer-table thead th:nth-child(3)', 'aria-sort');
  seen.headings = await page.$$eval('#layer-table thead th', (all) => all.map((one) => one.textContent));
  seen.provenance = await page.evaluate(() => document.querySelectorAll('#provenance-table tbody tr').length);
  return seen;
}
const column_of = ([table, index]) => [...document.querySelectorAll(`#${table} tbody tr`)].map((row) => row.children[index].textContent);

async function driveExplore(page) {
  const seen = {};
  seen.rows = await page.evaluate(() => document.querySelectorAll('#chips-table tbody tr').length);
  seen.frontier = await page.evaluate(() => northpole.charts['pareto-chart'].getOption().series.find((one) => one.name === 'frontier').data.length);
  const axes = () => page.evaluate(() => { const option = northpole.charts['pareto-chart'].getOption(); return [option.xAxis[0].name, option.yAxis[0].name]; });
  seen.axes_before = await axes();
  await page.selectOption('#pareto-x', 'latency_microseconds');
  seen.axes_after = await axes();
  await page.click('#chips-table thead th:nth-child(2) button');
  seen.sorted = await page.evaluate(column_of, ['chips-table', 1]);
  return seen;
}

(async () => {
  const [kind, file, pictures] = process.argv.slice(2);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
  const seen = { console: [], requests: [], widths: {}, blank: {}, milliseconds: {} };
  try {
    for (const [name, size] of Object.entries(sizes)) {
      const page = await opened(browser, file, size, seen);
      seen.widths[name] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      seen.milliseconds[name] = await page.evaluate(() => northpole.milliseconds);
      await page.waitForTimeout(200);
      seen.blank[name] = await page.evaluate(blankCharts);
      seen.charts = await page.evaluate(() => Object.keys(northpole.charts));
      if (pictures) await page.screenshot({ path: path.join(pictures, `${kind}-${name}.png`), fullPage: true });
      if (name === 'desktop') Object.assign(seen, await (kind === 'report' ? driveReport(page) : driveExplore(page)));
      await page.close();
    }
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(seen));
})().catch((error) => { console.error(String(error.stack || error)); process.exit(1); });
