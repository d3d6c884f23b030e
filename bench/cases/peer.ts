import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// The compiled case runs in bench/.build, from the repository's root.
const peers = join(process.cwd(), 'bench', 'peers');
const frameworks = join(process.cwd(), 'samples', 'frameworks');

export function isInstalled(name: string): boolean {
  return existsSync(join(peers, 'node_modules', name));
}

/** A package that this library is compared with; what is used of it is typed where it is used. */
export function peer<T>(name: string): T {
  return createRequire(join(peers, 'package.json'))(name) as T;
}

export function isFrameworkInstalled(name: string): boolean {
  return existsSync(join(frameworks, 'node_modules', name));
}

/** A framework that a middleware is for, as the samples have it. */
export function framework<T>(name: string): T {
  return createRequire(join(frameworks, 'package.json'))(name) as T;
}
