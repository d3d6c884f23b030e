import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// The compiled case runs in bench/.build, from the repository's root.
const folder = join(process.cwd(), 'bench', 'peers');
const require = createRequire(join(folder, 'package.json'));

export function isInstalled(name: string): boolean {
  return existsSync(join(folder, 'node_modules', name));
}

/** A package that this library is compared with; what is used of it is typed where it is used. */
export function peer<T>(name: string): T {
  return require(name) as T;
}
