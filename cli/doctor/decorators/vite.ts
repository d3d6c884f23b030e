import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Finding, warn } from '../finding.js';
import { satisfies } from '../installed/version-range.js';
import { type Project, readManifest, readText } from '../project.js';
import type { TypeScriptReading } from './typescript.js';

const CONFIGS = ['vite', 'vitest'].flatMap((tool) =>
  ['ts', 'mts', 'js', 'mjs', 'cjs'].map((end) => `${tool}.config.${end}`),
);

/** From version 8 on Vite, and Vitest over it, compiles legacy decorators only, whatever the target. */
export function checkVite(project: Project, { sample }: TypeScriptReading): Finding[] {
  if (sample?.output === undefined || sample.output === 'legacy') return [];
  const version = installedVite(project.dir);
  if (version === undefined || satisfies(version, '<8') !== false) return [];
  // A configuration is a program: it is read as text, and not run.
  if (CONFIGS.some((name) => /swc|babel/.test(readText(project, name) ?? ''))) return [];
  return [
    warn(
      `Vite ${version} leaves standard decorators in the output, which no engine runs`,
      '"experimentalDecorators": true, or a plugin that compiles them, such as unplugin-swc',
    ),
  ];
}

function installedVite(dir: string): string | undefined {
  const candidate = join(dir, 'node_modules/vite');
  if (existsSync(join(candidate, 'package.json'))) return readManifest(candidate).version;
  return dirname(dir) === dir ? undefined : installedVite(dirname(dir));
}
