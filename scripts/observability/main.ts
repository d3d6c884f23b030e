// Writes observability/ and the table in docs/metrics.md from the instrument table. With --check it writes nothing and
// exits with 1, naming the files that are out of date.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedFiles } from './generated-files.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stale = generatedFiles(root).filter(({ isUpToDate }) => !isUpToDate);

if (process.argv.includes('--check')) {
  for (const { path } of stale) console.error(`${path} is out of date: run npm run observability`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const { path, absolutePath, content } of stale) {
  mkdirSync(dirname(absolutePath), { recursive: true });
  writeFileSync(absolutePath, content);
  console.log(`wrote ${path}`);
}
if (stale.length === 0) console.log('everything is up to date');
