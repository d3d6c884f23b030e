import { type Finding, ok, problem, warn } from '../finding.js';
import { describeCopy, keepOne } from './describe-copies.js';
import type { InstalledPackage, PackageGraph } from './package-graph.js';
import { parseVersion, satisfies } from './version-range.js';

const API = '@opentelemetry/api';
const SDK = '@opentelemetry/sdk-metrics';

/** Whether an SDK is installed that track-inference works with, and whether it has the API it needs. */
export function checkSdkCopies(graph: PackageGraph, own: readonly InstalledPackage[]): Finding[] {
  const copies = graph.copiesOf(SDK);
  if (copies.length === 0) {
    return [
      warn(
        `${SDK} is not installed: nothing exports the metrics, unless a vendor's agent does`,
        // Majors that fit each other: beside an API of another one, npm would stop with ERESOLVE.
        `npm install ${API}@1.9 ${SDK}@2 @opentelemetry/resources@2 @opentelemetry/exporter-prometheus@0.223`,
      ),
    ];
  }
  const range = own[0]?.manifest.peerDependencies?.[SDK] ?? '*';
  return [...copies.flatMap((copy) => checkCopy(copy, range, graph)), ...checkMajors(copies, graph)];
}

function checkCopy(copy: InstalledPackage, range: string, graph: PackageGraph): Finding[] {
  if (satisfies(copy.version, range) === false) {
    return [
      problem(
        `${SDK} ${describeCopy(copy, graph)} does not fit: track-inference needs ${range}`,
        'Older ones know no bucket advice, so percentiles come out wrong.',
        `npm install ${SDK}@latest, and the packages that bring the old one`,
      ),
    ];
  }
  const api = graph.resolve(API, copy);
  const wanted = copy.manifest.peerDependencies?.[API];
  if (api === undefined) return [problem(`${SDK} ${copy.version} finds no ${API}`, `npm install ${API}@1.9.1`)];
  if (wanted !== undefined && satisfies(api.version, wanted) === false) {
    return [
      problem(
        `${SDK} ${copy.version} needs ${API} ${wanted} and gets ${api.version}`,
        `npm install "${API}@${wanted}"`,
        'Pairs that fit: api 1.9 with SDK 1.30 to 2.x, api 1.10 with SDK 3.x.',
      ),
    ];
  }
  return [ok(`${SDK} ${copy.version}, with ${API} ${api.version}`)];
}

function checkMajors(copies: readonly InstalledPackage[], graph: PackageGraph): Finding[] {
  const majors = new Set(copies.map(({ version }) => parseVersion(version)?.[0]));
  if (majors.size < 2) return [];
  return [
    warn(
      `${SDK} in ${majors.size} major versions: ${copies.map((copy) => describeCopy(copy, graph)).join(' and ')}`,
      'A reader of one under a MeterProvider of the other is not supported; Views and aggregations differ.',
      keepOne(SDK, copies[0]?.version ?? 'latest'),
    ),
  ];
}
