import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const home = new URL('../../../samples/frameworks/', import.meta.url);

/** Whether the frameworks of the samples are there; they are not among the library's own dependencies. */
export const areInstalled = existsSync(new URL('node_modules/', home));

/** As `describe`, where the frameworks are installed. */
export const describeFrameworks: jest.Describe = areInstalled ? describe : describe.skip;

if (!areInstalled) {
  process.stderr.write('Specs of frameworks are skipped; .ci/install-frameworks.sh installs what they need.\n');
}

/** A framework as the samples have it. */
// biome-ignore lint/suspicious/noExplicitAny: its types are there only where it is installed.
export async function framework(name: string): Promise<any> {
  const module = await import(pathToFileURL(createRequire(new URL('package.json', home)).resolve(name)).href);
  return typeof module.default === 'function' ? module.default : module;
}
