import type { InstalledPackage, PackageGraph } from './package-graph.js';

/** `1.9.1 (this project, @opentelemetry/sdk-metrics 2.12.0)`: a copy's version, and who uses it. */
export function describeCopy(copy: InstalledPackage, graph: PackageGraph): string {
  // The two that matter to the reader come first.
  const rank = (one: InstalledPackage) => (one === graph.root ? 0 : one.name === 'track-inference' ? 1 : 2);
  const users = [...copy.dependents]
    .sort((a, b) => rank(a) - rank(b))
    .map((one) => (one === graph.root ? 'this project' : `${one.name} ${one.version}`));
  const shown = users.slice(0, 3).join(', ');
  const more = users.length > 3 ? `, ${users.length - 3} more` : '';
  return users.length > 0 ? `${copy.version} (${shown}${more})` : copy.version;
}

/** How to get rid of all copies but one, with each package manager. */
export function keepOne(name: string, version: string): string {
  return `Keep one copy: npm dedupe, or "overrides": { "${name}": "${version}" } in package.json (pnpm.overrides, resolutions with yarn).`;
}
