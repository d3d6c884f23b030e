import { type Finding, ok, problem, warn } from '../finding.js';
import { describeCopy, keepOne } from './describe-copies.js';
import type { InstalledPackage, PackageGraph } from './package-graph.js';
import { parseVersion, satisfies } from './version-range.js';

const API = '@opentelemetry/api';

/**
 * Whether the copy of the API that track-inference gets sees what the other copies register.
 *
 * All copies of one major version share a global. A copy uses what another one registered there if its own minor version is
 * not the newer one; else it silently does nothing. And the global takes registrations of one exact version only.
 */
export function checkApiCopies(graph: PackageGraph, own: readonly InstalledPackage[]): Finding[] {
  return own.flatMap((tracker) => {
    const ours = graph.resolve(API, tracker);
    if (ours === undefined) {
      return [problem(`${API} is not installed: track-inference cannot be loaded`, `npm install ${API}@1.9.1`)];
    }
    const range = tracker.manifest.peerDependencies?.[API] ?? '*';
    if (satisfies(ours.version, range) === false) {
      return [
        problem(
          `${API} ${ours.version} does not fit track-inference ${tracker.version}, which needs ${range}`,
          `npm install ${API}@1.9.1`,
        ),
      ];
    }
    const others = graph.copiesOf(API).filter((copy) => copy !== ours);
    const findings = others.flatMap((other) => compareCopies(ours, other, graph));
    return findings.length > 0 ? findings : [ok(`${API} ${ours.version}${others.length > 0 ? ', every copy' : ''}`)];
  });
}

function compareCopies(ours: InstalledPackage, other: InstalledPackage, graph: PackageGraph): Finding[] {
  if (other.version === ours.version) return [];
  const both = `${describeCopy(ours, graph)} and ${describeCopy(other, graph)}`;
  if (!canUseGlobalOf(ours.version, other.version)) {
    const sameMajor = parseVersion(ours.version)?.[0] === parseVersion(other.version)?.[0];
    const why = sameMajor ? 'which is the newer minor version' : 'which is another major version';
    return [
      problem(
        `Two copies of ${API} that do not share a provider: ${both}`,
        `What ${other.version} registers is invisible to ${ours.version}, ${why}: no metrics, and no message.`,
        keepOne(API, versionForSdk(graph, [ours.version, other.version])),
      ),
    ];
  }
  return [
    warn(
      `Two versions of ${API}: ${both}`,
      'Whichever registers something first, tracing included, shuts the other one’s registrations out.',
      keepOne(API, versionForSdk(graph, [ours.version, other.version])),
    ),
  ];
}

/** The first of these versions of the API that every copy of the SDK takes; the first one if none is. */
function versionForSdk(graph: PackageGraph, versions: readonly [string, ...string[]]): string {
  const wanted = graph.copiesOf('@opentelemetry/sdk-metrics').map(({ manifest }) => manifest.peerDependencies?.[API]);
  return versions.find((version) => wanted.every((range) => !range || satisfies(version, range))) ?? versions[0];
}

/** Whether a copy of the API uses the global that a copy of another version made; the rule of the API itself. */
export function canUseGlobalOf(own: string, registered: string): boolean {
  const [mine, theirs] = [parseVersion(own), parseVersion(registered)];
  if (mine === undefined || theirs === undefined) return own === registered;
  if (own.includes('-') || registered.includes('-')) return own === registered;
  return mine[0] === theirs[0] && mine[1] <= theirs[1];
}
