'use strict';
// The report's page: sections in order.
function start() {
  const { programs, published, tool } = JSON.parse(document.getElementById('data').textContent);
  document.getElementById('title').textContent = programs.map((program) => `${program.summary.network || 'network'} on NorthPole (${program.name})`).join(' against ');
  verdict(programs);
  roofline(programs);
  arrayMaps(programs);
  timeline(programs);
  energy(programs);
  publishedMachines(programs, published);
  bits(programs);
  memoryInTime(programs);
  layerTable(programs);
  provenanceTable(programs);
  document.getElementById('main').append(element('footer', {}, `Made by ${tool}. Charts: Apache ECharts ${echarts.version}. This page loads nothing from anywhere.`));
  northpole.ready = true;
  northpole.milliseconds = performance.now();
}
start();
