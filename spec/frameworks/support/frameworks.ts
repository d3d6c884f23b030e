import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const home = new URL('../../../samples/frameworks/', import.meta.url);
const nest11 = new URL('../nest-11/', import.meta.url);

/** Whether the frameworks of the samples are there; they are not among the library's own dependencies. */
export const areInstalled = [home, nest11].every((folder) => existsSync(new URL('node_modules/', folder)));

/** As `describe`, where the frameworks are installed. */
export const describeFrameworks: jest.Describe = areInstalled ? describe : describe.skip;

if (!areInstalled) {
  process.stderr.write('Specs of frameworks are skipped; .ci/install-frameworks.sh installs what they need.\n');
}

/** A framework as the samples have it. */
// biome-ignore lint/suspicious/noExplicitAny: its types are there only where it is installed.
export function framework(name: string): Promise<any> {
  return load(home, name);
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
async function load(folder: URL, name: string): Promise<any> {
  const module = await import(pathToFileURL(createRequire(new URL('package.json', folder)).resolve(name)).href);
  return typeof module.default === 'function' ? module.default : module;
}

/** What belongs to one major of Nest, by the package's name: the samples' own is 12, the one before has its own folder. */
export function nestOfMajor(major: 11 | 12): typeof framework {
  return major === 12 ? framework : (name) => load(nest11, name);
}
