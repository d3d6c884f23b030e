import { relative } from 'node:path';
import { checkBabel } from './decorators/babel.js';
import { checkEsbuild } from './decorators/esbuild.js';
import { checkNest } from './decorators/nest.js';
import { checkSwc } from './decorators/swc.js';
import { checkTypeScript } from './decorators/typescript.js';
import { checkVite } from './decorators/vite.js';
import { checkNodeVersion } from './environment/node-version.js';
import { checkOtelVariables } from './environment/otel-variables.js';
import type { Finding } from './finding.js';
import { checkApiCopies } from './installed/api-copies.js';
import { checkOwnCopies } from './installed/own-copies.js';
import { PackageGraph } from './installed/package-graph.js';
import { checkSdkCopies } from './installed/sdk-copies.js';
import { checkArrival } from './process/arrival.js';
import { checkBuckets } from './process/buckets.js';
import { checkEntryOutcome } from './process/entry-outcome.js';
import { checkExportInterval } from './process/export-interval.js';
import { checkProvider } from './process/provider.js';
import { type EntryRun, runEntry } from './process/run-entry.js';
import { checkTemporality } from './process/temporality.js';
import type { Project } from './project.js';

export interface DoctorOptions extends EntryRun {
  readonly project: Project;
  /** Absolute. */
  readonly entry?: string;
  readonly tsconfig: string;
  readonly timeoutMilliseconds: number;
}

/** Findings about one subject. */
export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Looks at a project from what is installed to what arrives at its readers. */
export async function examine(options: DoctorOptions): Promise<Section[]> {
  const { project } = options;
  const graph = new PackageGraph(project);
  const own = graph.copiesOf('track-inference');
  return [
    { title: 'Environment', findings: [...checkNodeVersion(), ...checkOtelVariables(process.env)] },
    {
      title: 'Packages',
      findings: [...checkOwnCopies(graph, own), ...checkApiCopies(graph, own), ...checkSdkCopies(graph, own)],
    },
    { title: 'Decorators', findings: checkDecorators(project, options.tsconfig) },
    ...(isRunAsked(options) && own.length > 0
      ? [{ title: 'Telemetry, as the entry sets it up', findings: await checkProcess(options) }]
      : []),
  ];
}

/** Whether the doctor is told what to run. */
export function isRunAsked({ entry, imports, requires }: DoctorOptions): boolean {
  return entry !== undefined || imports.length > 0 || requires.length > 0;
}

function checkDecorators(project: Project, tsconfig: string): Finding[] {
  const reading = checkTypeScript(project, tsconfig);
  return [
    ...reading.findings,
    ...checkSwc(project, reading),
    ...checkBabel(project),
    ...checkEsbuild(project, reading),
    ...checkVite(project, reading),
    ...checkNest(project, reading),
  ];
}

async function checkProcess(options: DoctorOptions): Promise<Finding[]> {
  const { project, entry, timeoutMilliseconds } = options;
  const name = entry ? relative(project.dir, entry) : [...options.imports, ...options.requires].join(', ');
  const order = { project: project.dir, timeoutMilliseconds, ...(entry !== undefined && { entry }) };
  const result = await runEntry(order, options);
  const outcome = checkEntryOutcome(result, name);
  if ('ended' in result) return outcome;
  const { observed } = result;
  return [
    ...outcome,
    ...checkProvider(observed, name),
    ...checkArrival(observed),
    ...checkTemporality(observed),
    ...checkBuckets(observed),
    ...checkExportInterval(observed),
  ];
}
