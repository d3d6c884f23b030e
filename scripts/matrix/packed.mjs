// What the matrices have in common: folders that are kept from run to run, and the package as npm packs it now.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Installs packages from npm into a folder of their own, unless the very same are there already. Returns the folder. */
export function installed(folder, packages) {
  const list = join(folder, 'installed.json');
  if (existsSync(list) && readFileSync(list, 'utf8') === JSON.stringify(packages)) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const flags = ['--no-audit', '--no-fund', '--no-save'];
  execFileSync('npm', ['install', ...flags, ...packages], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(list, JSON.stringify(packages));
  return folder;
}

/** Packs the built package into a folder, and returns the tarball's path. */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return join(folder, filename);
}

/** Puts the packed package where npm would install it. */
export function unpack(tarball, folder) {
  const target = join(folder, 'node_modules/track-inference');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
}
