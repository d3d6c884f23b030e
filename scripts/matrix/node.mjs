// Runs the specs of returned objects and of the testing kit on several versions of Node, each from the npm package
// `node`: `npm run matrix:node`, or `npm run matrix:node -- 22 spec/follow/web-stream` for one of them and fewer specs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const jest = join(dirname(createRequire(import.meta.url).resolve('jest/package.json')), 'bin/jest.js');
const wanted = process.argv.slice(2);
const versions = wanted.filter((word) => /^\d+$/.test(word));
const specs = wanted.filter((word) => !/^\d+$/.test(word));

const flags = ['--experimental-vm-modules', '--expose-gc', '--disable-warning=ExperimentalWarning'];
const paths = specs.length > 0 ? specs : ['spec/follow', 'spec/testing'];

const shell = process.platform === 'win32';

// Of the clients there, some run on the newer versions of Node alone.
const clients = fileURLToPath(new URL('../../spec/follow/other-majors', import.meta.url));
if (!existsSync(join(clients, 'node_modules'))) {
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', install, { cwd: clients, stdio: 'inherit', shell });
  if (status !== 0) process.exit(1);
}

let failed = 0;
for (const version of versions.length > 0 ? versions : ['20', '22', '24']) {
  console.log(`\nNode ${version}`);
  const { status } = spawnSync(
    'npx',
    ['--yes', `node@${version}`, ...flags, jest, ...paths, '--selectProjects', 'standard'],
    { stdio: 'inherit', shell },
  );
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
