import { type Finding, ok, problem } from '../finding.js';
import { satisfies } from '../installed/version-range.js';
import { ownPackage } from '../project.js';

/** Whether this Node is one that the package supports. */
export function checkNodeVersion(version = process.versions.node): Finding[] {
  const range = ownPackage().manifest.engines?.['node'] ?? '*';
  if (satisfies(version, range) === false) {
    return [problem(`Node ${version} is not supported: track-inference needs ${range}`, 'Install Node 22 or 24.')];
  }
  return [ok(`Node ${version}`)];
}
