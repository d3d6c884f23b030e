import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { DoctorOptions } from './doctor/doctor.js';
import { findProject } from './doctor/project.js';

export const USAGE = `Usage: track-inference doctor [options]

Looks for what keeps inference metrics from showing up, or makes them wrong.

  --entry <file>       run this file in a process of its own, and look at the telemetry that it sets up
  --import <module>    load a module before it, as node --import does: tsx, ./instrumentation.mjs (repeatable)
  --require <module>   the same for node --require (repeatable)
  --timeout <seconds>  how long to wait for the entry and for a MeterProvider (default 5)
  --project <folder>   the project to look at (default: the one around the current folder)
  --tsconfig <file>    the configuration that compiles your router (default tsconfig.json)
  --json               print the findings as JSON
  -h, --help           print this
  -v, --version        print the version

The entry runs as it would in real life: it connects and listens. One tracked call is made in its process and
collected there; nothing of it is exported. Then the process is killed.

Exit code: 0 without problems, 1 with.
`;

/** What the command line asks for. Throws what is wrong with it. */
export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'doctor'; readonly json: boolean; readonly options: DoctorOptions };

export function readCommandLine(args: readonly string[], folder: string): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      entry: { type: 'string' },
      import: { type: 'string', multiple: true, default: [] },
      require: { type: 'string', multiple: true, default: [] },
      timeout: { type: 'string', default: '5' },
      project: { type: 'string' },
      tsconfig: { type: 'string', default: 'tsconfig.json' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  const [command, ...others] = positionals;
  if (command === undefined) throw new Error('Which command? There is one: track-inference doctor');
  if (command !== 'doctor') throw new Error(`There is no command "${command}"; there is one: doctor`);
  if (others.length > 0) {
    throw new Error(`doctor takes no "${others.join(' ')}"; a file to run goes behind --entry.`);
  }

  const project = findProject(values.project === undefined ? folder : existing('--project', folder, values.project));
  if (values.tsconfig !== 'tsconfig.json') existing('--tsconfig', project.dir, values.tsconfig);
  const seconds = Number(values.timeout);
  if (!(seconds > 0 && seconds < 3_600)) throw new Error(`--timeout ${values.timeout} is no number of seconds.`);
  return {
    kind: 'doctor',
    json: values.json,
    options: {
      project,
      tsconfig: values.tsconfig,
      timeoutMilliseconds: seconds * 1_000,
      imports: values.import,
      requires: values.require,
      ...(values.entry !== undefined && { entry: existing('--entry', folder, values.entry) }),
    },
  };
}

/** Absolute. */
function existing(option: string, folder: string, name: string): string {
  const path = resolve(join(folder), name);
  if (!existsSync(path)) throw new Error(`${option} ${name}: there is no ${path}`);
  return path;
}
