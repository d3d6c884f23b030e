import { type Finding, problem, warn } from '../finding.js';
import { type Project, readText } from '../project.js';
import type { TypeScriptReading } from './typescript.js';

const BUNDLER_FILES = ['ts', 'mts', 'js', 'mjs', 'cjs'].flatMap((extension) => [
  `vite.config.${extension}`,
  `tsup.config.${extension}`,
  `esbuild.config.${extension}`,
]);

/** Whether a build or run script hands standard decorators to the engine as they are. */
export function checkEsbuild(project: Project, { sample }: TypeScriptReading): Finding[] {
  // Legacy ones are compiled by esbuild whatever the target.
  if (sample?.output === undefined || sample.output === 'legacy') return [];
  return [
    ...Object.entries(project.manifest.scripts ?? {}).flatMap(([name, script]) => checkScript(name, script)),
    ...BUNDLER_FILES.flatMap((name) => checkConfig(name, readText(project, name))),
  ];
}

function checkScript(name: string, script: string): Finding[] {
  return script.split(/&&|\|\||;/).flatMap((command) => {
    if (/\besbuild\b/.test(command) && !/--target=(?!esnext)/.test(command)) {
      return [
        problem(
          `The script "${name}" runs esbuild without a target: standard decorators stay in the output, which no engine runs`,
          'esbuild --target=node20',
        ),
      ];
    }
    if (/\bnode\b[^|]*\s\S+\.[cm]?ts\b/.test(command) && !/--(import|require|loader)\b|\s-r\b/.test(command)) {
      return [
        problem(
          `The script "${name}" lets Node strip the types: decorators are not types, they stay, and no engine runs them`,
          'node --import tsx <file>, or compile with tsc',
        ),
      ];
    }
    return [];
  });
}

/** A configuration may be a program: it is read as text, and not run. */
function checkConfig(name: string, text: string | undefined): Finding[] {
  if (text === undefined || !/target['"]?\s*:\s*\[?\s*['"]esnext['"]/i.test(text)) return [];
  return [
    warn(
      `${name} has the target esnext: standard decorators stay in the output, which no engine runs`,
      "target: 'es2022', for what is sent to an engine",
    ),
  ];
}
