import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export type Backend = 'prometheus' | 'promtool' | 'victoria-metrics' | 'vmagent' | 'chromium';

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const folders = [
  join(process.env['TRACK_INFERENCE_BACKENDS'] ?? join(cache, 'track-inference-backends'), 'bin'),
  ...(process.env['PATH'] ?? '').split(delimiter),
];

/** The path of a server's binary. Specs that call it run only where {@link describeWith} has found it. */
export function pathOf(backend: Backend): string {
  const path = find(backend);
  if (path === undefined) throw new Error(`${backend} is not installed`);
  return path;
}

/**
 * A `describe` that needs real servers: without them it is skipped with a line that says what to do.
 *
 * In CI they have to be there, so that a green run cannot hide that nothing ran.
 */
export function describeWith(backends: readonly Backend[], title: string, specs: () => void): void {
  const missing = backends.filter((backend) => find(backend) === undefined);
  if (missing.length === 0) {
    describe(title, specs);
    return;
  }
  const advice = `${missing.join(', ')} not found; on Debian .ci/install-backends.sh fetches what is needed`;
  if (process.env['CI']) {
    describe(title, () => {
      it('has its servers', () => {
        throw new Error(advice);
      });
    });
    return;
  }
  process.stderr.write(`skipped: ${title} (${advice})\n`);
  describe.skip(title, specs);
}

function find(backend: Backend): string | undefined {
  return folders.map((folder) => join(folder, backend)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
