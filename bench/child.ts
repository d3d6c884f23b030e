import type { Case } from './cases/case.js';
import { casesOf, type Family } from './families.js';
import { bytesEach, type Effort, nanosecondsEach } from './measure.js';

/** Measures one case in this process, its time or its garbage, and prints the figures as JSON. */
const [family, id, what, text] = process.argv.slice(2) as [Family, string, 'time' | 'garbage', string];
const stated = JSON.parse(text) as Effort;
const measured = (await casesOf(family)).find((one) => one.id === id);
if (measured === undefined) throw new Error(`no case ${id} in ${family}`);
process.stdout.write(JSON.stringify(await figuresOf(measured)));
// Clients and instrumentations may hold timers and sockets.
process.exit(0);

async function figuresOf(one: Case): Promise<Readonly<Record<string, number>>> {
  const prepared = await one.prepare();
  if (typeof prepared !== 'function') return prepared.figures;
  const per = one.perOperation ?? 1;
  // What runs once a stream must run often, too, before V8 is done with it.
  const effort = per === 1 ? stated : { ...stated, warmUp: stated.warmUp * 4 };
  if (what === 'garbage') return { bytes: (await bytesEach(prepared, effort)) / per };
  return { nanoseconds: (await nanosecondsEach(prepared, effort)) / per };
}
