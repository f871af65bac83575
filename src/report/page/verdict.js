'use strict';
// The answer first: does it fit, how fast, how late, how many watts, how right.
function verdict(programs) {
  const made = section('verdict', 'Verdict');
  const tiles = element('div', { class: 'tiles' });
  const facts = programs.map(factsOf);
  facts[0].forEach((fact, index) => {
    const other = facts[1] && facts[1][index];
    tiles.append(element('div', { class: 'tile', 'data-fact': fact.name },
      element('div', { class: 'name' }, fact.name), element('div', { class: 'value' }, fact.value), element('div', { class: 'note' }, ...[].concat(fact.note)),
      other ? element('div', { class: 'other' }, element('div', { class: 'name' }, programs[1].name),
        element('div', { class: 'value' }, other.value, known(fact.number) && known(other.number) && fact.number !== 0 ? `  (× ${fixed(other.number / fact.number, 3)})` : ''),
        element('div', { class: 'note' }, ...[].concat(other.note))) : null));
  });
  made.append(tiles);
  if (programs[1]) made.append(element('p', {}, `Above: ${programs[0].name}. Below the dashed line: ${programs[1].name}, and its figure divided by the first one's.`));
}

function factsOf(program) {
  const s = program.summary, chip = program.chip;
  const batch = s.frames === 1 ? 'one frame a run' : `${grouped(s.frames)} frames a run`;
  const facts = [
    { name: 'Fits', value: 'yes', note: `the fullest core (${s.largest_core}) uses places for ${bytes(s.largest_bytes)} of ${bytes(s.core_bytes)}, the mean core for ${bytes(s.mean_bytes)}` },
    { name: 'Frames a second', value: grouped(s.frames_per_second), number: s.frames_per_second, note: `${short(s.cycles_per_frame)} cycles a frame at ${short(chip.clock_megahertz)} MHz, runs one after another` },
    { name: 'Latency', value: microseconds(s.latency_microseconds), number: s.latency_microseconds, note: `first input word to last output word, ${batch}` },
  ];
  const e = program.energy;
  facts.push(
    { name: 'Power', value: `${fixed(e.watts, 1)} W`, number: e.watts, note: `at ${grouped(e.time.frames_per_second)} frames/s, modelled, ${e.calibrated_on}; idle ${fixed(e.idle_watts, 1)} W${e.remarks.length ? `. ${e.remarks.join(' ')}` : ''}` },
    { name: 'Accuracy', value: known(s.accuracy) ? `${fixed(100 * s.accuracy, 2)} %` : 'not given', number: known(s.accuracy) ? s.accuracy : undefined, note: [known(s.accuracy) ? 'top-1, as handed in with ' : 'measure it with northpole eval, hand it in with ', element('span', { class: 'word' }, '--accuracy')] },
    { name: 'Frames a joule', value: short(e.frames_per_joule), number: e.frames_per_joule, note: `${short(e.joules_per_frame * 1e3)} mJ a frame, ${e.calibrated_on}` },
    { name: 'Frames/s a billion transistors', value: short(e.space.frames_per_second_per_billion), number: e.space.frames_per_second_per_billion, note: `${short(e.space.transistors / 1e9)} billion transistors, ${short(e.space.square_millimetres)} mm²` },
    { name: 'Host link', value: e.time.host_limits ? 'limits the rate' : 'fast enough', note: `allows ${grouped(e.time.host_frames_per_second)} frames/s; with the host, a run takes ${microseconds(e.time.latency * 1e6)}: in ${microseconds(e.time.host_input * 1e6)}, onto the array ${microseconds(e.time.input * 1e6)}, compute ${microseconds(e.time.compute * 1e6)}, out ${microseconds((e.time.output + e.time.host_output) * 1e6)}` });
  facts.push(
    { name: 'Arithmetic used', value: percent(s.utilisation), number: s.utilisation, note: `${grouped(s.ideal_cycles)} ideal cycles of ${grouped(s.cycles)}: every multiply-accumulate at its width's full rate on all ${grouped(chip.rows * chip.columns)} cores` },
    { name: 'Operations a second', value: `${short(s.tera_operations)} tera`, number: s.tera_operations, note: `${s.operations_per_multiply_accumulate} a multiply-accumulate, ${s.multiply_accumulates < 1e9 ? `${short(s.multiply_accumulates / 1e6)} million` : `${short(s.multiply_accumulates / 1e9)} billion`} of these a frame` });
  return facts;
}
