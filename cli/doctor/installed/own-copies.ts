import { type Finding, ok, problem, warn } from '../finding.js';
import { describeCopy, keepOne } from './describe-copies.js';
import type { InstalledPackage, PackageGraph } from './package-graph.js';

/** Whether track-inference is installed, and how often. */
export function checkOwnCopies(graph: PackageGraph, copies: readonly InstalledPackage[]): Finding[] {
  const [first, ...others] = copies;
  if (first === undefined) {
    return [
      problem(
        `track-inference is not installed in ${graph.root.dir}`,
        'npm install track-inference @opentelemetry/api',
        'Is it another folder? track-inference doctor --project <folder>',
      ),
    ];
  }
  if (others.length === 0) return [ok(`track-inference ${first.version}`)];
  const list = copies.map((copy) => describeCopy(copy, graph)).join(' and ');
  return [
    warn(
      `${copies.length} copies of track-inference: ${list}`,
      'They share settings and the running call, but response shapes are read by the copy that is loaded first.',
      keepOne('track-inference', first.version),
    ),
  ];
}
