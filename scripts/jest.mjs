// Starts Jest with the flags that ESM and the specs of garbage collection need.
// JEST_JSON_OUTPUT names a file for a machine-readable report beside the usual one.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const report = process.env.JEST_JSON_OUTPUT;
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
    jest,
    ...(report ? ['--json', `--outputFile=${report}`] : []),
    ...process.argv.slice(2),
  ],
  { stdio: report ? ['inherit', 'ignore', 'inherit'] : 'inherit' },
);
process.exit(status ?? 1);
