import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import type { Case } from './cases/case.js';
import { isFrameworkInstalled, isInstalled } from './cases/peer.js';
import { casesOf, type Family, families } from './families.js';
import { type Effort, GARBAGE_FLAGS, median } from './measure.js';
import { bundleSizes } from './report/bundle-sizes.js';
import { compare } from './report/compare.js';
import type { Results } from './report/results.js';
import { table } from './report/table.js';

const USAGE = `npm run bench -- [options]

  --short            one quick round of everything: says whether the bench works, nothing about speed
  --only a,b         these families alone: ${families.join(', ')}, size
  --match text       the cases whose name contains the text
  --rounds n         child processes per case, interleaved (default 7)
  --node version     run the cases on that major version of Node, fetched with npx
  --compare          compare with bench/baseline.json
  --save             write the result to bench/baseline.json, under its Node version
  --json file        write the result there (default bench/results.json)`;

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    match: { type: 'string', default: '' },
    rounds: { type: 'string' },
    node: { type: 'string' },
    compare: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    json: { type: 'string', default: 'bench/results.json' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(USAGE);
  process.exit(0);
}

const BUILT = 'bench/.build';
const BASELINE = 'bench/baseline.json';
const effort: Effort = flags.short ? { warmUp: 20, batch: 5, batches: 1 } : { warmUp: 400, batch: 60, batches: 7 };
const rounds = Number(flags.rounds ?? (flags.short ? 1 : 7));
const only = flags.only?.split(',');
const node = flags.node === undefined ? process.execPath : nodeOf(flags.node);

if (!existsSync('dist/esm/index.js')) throw new Error('The package is not built; run npm run build first.');
await compile();

const chosen = await choose();
const samples = new Map<string, Record<string, number>[]>();
for (let round = 0; round < rounds; round++) {
  for (const [family, one] of chosen) {
    if (round >= (one.rounds ?? rounds)) continue;
    progress(`round ${round + 1} of ${rounds}: ${one.id}`);
    samples.set(one.id, [...(samples.get(one.id) ?? []), measure(family, one, round)]);
  }
}
progress('');

const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  node: execFileSync(node, ['-p', 'process.version'], { encoding: 'utf8' }).trim(),
  processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  short: flags.short,
  rounds,
  versions: versions(),
  sizes: only === undefined || only.includes('size') ? await bundleSizes() : {},
  cases: Object.fromEntries([...samples].map(([id, each]) => [id, medians(each)])),
};
console.log(table(results));
writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);

const major = results.node.replace(/^v(\d+).*/, '$1');
const baseline = existsSync(BASELINE) ? (JSON.parse(readFileSync(BASELINE, 'utf8')) as Record<string, Results>) : {};
if (flags.compare) console.log(compare(baseline[major], results));
if (flags.save) writeFileSync(BASELINE, `${JSON.stringify({ ...baseline, [major]: results }, null, 2)}\n`);

/** To plain JavaScript, so that any version of Node runs it and no loader's work is measured. */
async function compile(): Promise<void> {
  const sources = ['child', 'families', 'measure', 'cases/*'].map((name) => `bench/${name}.ts`);
  await build({ entryPoints: sources, outdir: BUILT, format: 'esm', target: 'node20', logLevel: 'warning' });
}

async function choose(): Promise<[Family, Case][]> {
  const list: [Family, Case][] = [];
  const missing = new Set<string>();
  const missingFrameworks = new Set<string>();
  for (const family of families) {
    if (only !== undefined && !only.includes(family)) continue;
    for (const one of await casesOf(family)) {
      if (!one.id.includes(flags.match) || (flags.short && one.isLong)) continue;
      if (one.peer !== undefined && !isInstalled(one.peer)) missing.add(one.peer);
      else if (one.framework !== undefined && !isFrameworkInstalled(one.framework))
        missingFrameworks.add(one.framework);
      else list.push([family, one]);
    }
  }
  if (missing.size > 0) {
    console.log(`Without ${[...missing].join(', ')}: install them with npm ci --prefix bench/peers`);
  }
  if (missingFrameworks.size > 0) {
    console.log(`Without ${[...missingFrameworks].join(', ')}: install with .ci/install-frameworks.sh`);
  }
  return list;
}

/** The time in each round; the garbage, which does not vary, in the first. */
function measure(family: Family, one: Case, round: number): Record<string, number> {
  const time = run(['--expose-gc'], family, one, 'time');
  if (round > 0 || time['nanoseconds'] === undefined || (flags.short && family !== 'request')) return time;
  return { ...time, ...run(['--expose-gc', ...GARBAGE_FLAGS], family, one, 'garbage') };
}

function run(flags: string[], family: Family, one: Case, what: 'time' | 'garbage'): Record<string, number> {
  const args = [...flags, `${BUILT}/child.js`, family, one.id, what, JSON.stringify(effort)];
  const printed = execFileSync(node, args, { encoding: 'utf8', maxBuffer: 2 ** 24, stdio: ['ignore', 'pipe', 'pipe'] });
  // A peer may print while it is set up; the figures are what comes last.
  return JSON.parse(printed.slice(printed.lastIndexOf('{'))) as Record<string, number>;
}

function medians(each: readonly Record<string, number>[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(each[0] ?? {}).map((figure) => [figure, median(each.flatMap((sample) => sample[figure] ?? []))]),
  );
}

function nodeOf(version: string): string {
  const args = ['-y', `node@${version}`, '-p', 'process.execPath'];
  return execFileSync('npx', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

function versions(): Record<string, string> {
  const own = ['@opentelemetry/api', '@opentelemetry/sdk-metrics', 'openai', 'hono', '@hono/node-server'];
  const names = own.map((name) => [name, 'node_modules']);
  const peers = ['prom-client', '@autometrics/autometrics', '@opentelemetry/instrumentation-openai', 'openlit'];
  for (const name of peers) if (isInstalled(name)) names.push([name, 'bench/peers/node_modules']);
  if (isFrameworkInstalled('fastify')) names.push(['fastify', 'samples/frameworks/node_modules']);
  return Object.fromEntries(
    names.map(([name, folder]) => {
      const text = readFileSync(`${folder}/${name}/package.json`, 'utf8');
      return [name, (JSON.parse(text) as { version: string }).version];
    }),
  );
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
