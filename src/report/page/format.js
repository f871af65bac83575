'use strict';
// Numbers and elements.
const grouped = (number) => Math.round(number).toLocaleString('en-US');
const fixed = (number, digits) => number.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const percent = (share) => `${fixed(100 * share, 1)} %`;
const known = (number) => typeof number === 'number' && Number.isFinite(number);
// Three digits that count: 42,523; 1.74; 0.0218.
function short(number) {
  if (!known(number)) return '–';
  if (number === 0) return '0';
  const size = Math.abs(number);
  if (size >= 1000) return grouped(number);
  return number.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
function bytes(number) {
  if (number < 1024) return `${Math.round(number)} bytes`;
  if (number < 1024 * 1024) return `${fixed(number / 1024, 1)} KiB`;
  return `${fixed(number / 1024 / 1024, 1)} MiB`;
}
function microseconds(number) {
  return number >= 1000 ? `${fixed(number / 1000, 2)} ms` : `${fixed(number, 1)} µs`;
}
// What a tooltip shows as HTML.
const escaped = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

// Names of layers are long and differ at their ends.
const shortLayer = (name, most) => (name.length > most ? `…${name.slice(1 - most)}` : name);

// element('p', {class: 'x', onclick: f}, 'text', child, ...)
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A section of the page with its entry in the contents.
function section(id, title, explanation) {
  const made = element('section', { id, 'aria-labelledby': `${id}-title` }, element('h2', { id: `${id}-title` }, title));
  if (explanation) made.append(element('p', {}, explanation));
  document.getElementById('main').append(made);
  document.getElementById('contents').append(element('a', { href: `#${id}` }, title));
  return made;
}
