import { existsSync, readFileSync } from 'node:fs';
import { blocksIn } from './support/pages.js';

interface Manifest {
  readonly name: string;
  readonly bin?: object;
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: object;
  readonly devDependencies: object;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** The commands of all sh blocks, one line each. */
const commands = blocksIn('sh').flatMap(({ where, code }) =>
  code
    .replace(/\\\n\s*/g, '')
    .split(/\n|&&/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => [line, where] as const),
);

describe('the commands of README and docs', () => {
  it.each(commands)('%s (%s)', (command) => {
    const [program, ...words] = command.split(/\s+/) as [string, ...string[]];
    const named = words.filter((word) => !word.startsWith('-'));
    if (program === 'npm') checkNpm(named);
    if (program === 'npx') expect(isProgram(named[0] as string)).toBe(true);
    if (program === 'node')
      for (const file of words.filter((word) => /\.(m?js|ts)$/.test(word))) expect(existsSync(file)).toBe(true);
  });
});

function checkNpm([verb, ...rest]: string[]): void {
  if (verb === 'run') expect(Object.keys(manifest.scripts)).toContain(rest[0]);
  if (verb === 'start' || verb === 'test') expect(Object.keys(manifest.scripts)).toContain(verb);
  if (verb !== 'install') return;
  const known = [manifest.name, ...Object.keys({ ...manifest.peerDependencies, ...manifest.devDependencies })];
  for (const name of rest) expect(known).toContain(name);
}

function isProgram(name: string): boolean {
  return name === manifest.name ? manifest.bin !== undefined : existsSync(`node_modules/.bin/${name}`);
}
