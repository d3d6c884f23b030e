import type { Case } from './cases/case.js';
import { casesOf, type Family } from './families.js';
import { bytesEach, type Effort, nanosecondsEach } from './measure.js';

/** Measures one case in this process and prints its figures as JSON. */
const [family, id, effort] = process.argv.slice(2) as [Family, string, string];
const measured = (await casesOf(family)).find((one) => one.id === id);
if (measured === undefined) throw new Error(`no case ${id} in ${family}`);
process.stdout.write(JSON.stringify(await figuresOf(measured, JSON.parse(effort) as Effort)));
// Clients and instrumentations may hold timers and sockets.
process.exit(0);

async function figuresOf(one: Case, effort: Effort): Promise<Readonly<Record<string, number>>> {
  const prepared = await one.prepare();
  if (typeof prepared !== 'function') return prepared.figures;
  const per = one.perOperation ?? 1;
  const nanoseconds = (await nanosecondsEach(prepared, effort)) / per;
  const bytes = (await bytesEach(prepared)) / per;
  return { nanoseconds, bytes };
}
