import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const home = new URL('../other-majors/', import.meta.url);
const told = new Set<string>();

/**
 * Whether a package of `spec/follow/other-majors` is there and runs on this Node; says once why not.
 *
 * They have a folder and a lock of their own, so that the root installs on every Node that the library runs on.
 */
export function isThere(name: string): boolean {
  const manifest = new URL(`node_modules/${name}/package.json`, home);
  if (!existsSync(manifest)) {
    tell('Specs of clients in other majors are skipped; .ci/install-clients.sh installs them.');
    return false;
  }
  const { engines } = JSON.parse(readFileSync(manifest, 'utf8')) as { engines?: { node?: string } };
  const [oldest] = /\d+/.exec(engines?.node ?? '0') ?? ['0'];
  if (Number.parseInt(process.versions.node, 10) >= Number(oldest)) return true;
  tell(`Specs of ${name} are skipped: it asks for Node ${engines?.node}, and this is ${process.versions.node}.`);
  return false;
}

/** Imports such a package where it is there. */
// biome-ignore lint/suspicious/noExplicitAny: its types are there only where it is installed.
export async function otherMajor(name: string): Promise<any> {
  if (!isThere(name)) return undefined;
  return import(pathToFileURL(createRequire(new URL('package.json', home)).resolve(name)).href);
}

function tell(reason: string): void {
  if (told.has(reason)) return;
  told.add(reason);
  process.stderr.write(`${reason}\n`);
}
