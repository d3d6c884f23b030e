import { type Finding, ok, problem, warn } from '../finding.js';
import { type Project, readText } from '../project.js';

const FILES = [
  'babel.config.js',
  'babel.config.cjs',
  'babel.config.mjs',
  'babel.config.json',
  '.babelrc',
  '.babelrc.json',
];

/** Whether Babel, where it is configured, has a plug-in for decorators of a version that works. */
export function checkBabel(project: Project): Finding[] {
  const name = FILES.find((file) => readText(project, file) !== undefined);
  const inManifest = project.manifest.babel;
  if (name === undefined && inManifest === undefined) return [];
  // A configuration may be a program: it is read as text, and not run.
  const text = name === undefined ? JSON.stringify(inManifest) : (readText(project, name) ?? '');
  const where = name ?? 'package.json';
  if (!text.includes('decorators')) {
    return [
      warn(
        `${where} names no plug-in for decorators; Babel cannot read one without`,
        '["@babel/plugin-proposal-decorators", { "version": "2023-11" }]',
      ),
    ];
  }
  if (text.includes('2018-09')) {
    return [problem(`${where}: decorators of version 2018-09 do not work on private methods`, '"version": "2023-11"')];
  }
  return [ok(`${where} has a plug-in for decorators`)];
}
