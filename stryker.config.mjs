import { tmpdir } from 'node:os';
import path from 'node:path';

/** Mutation tests of the library's core: `npm run mutation`, or `npm run mutation -- --mutate 'lib/metrics/**'`. */
export default {
  mutate: [
    'lib/{call,extraction,follow,gen-ai,metrics,producer,start}/**/*.ts',
    'lib/*.ts',
    '!lib/{index,version}.ts',
    '!lib/{producer,start}/index.ts',
  ],
  testRunner: 'specs',
  plugins: ['./scripts/mutation/spec-runner.mjs'],
  testRunnerNodeArgs: ['--expose-gc'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Beside other work a run takes several times as long; what loops for ever is told by how often it passes a mutant.
  timeoutMS: 60_000,
  ignorePatterns: ['**', '!lib/**', '!spec/**', '!samples/**', '!package.json', '!tsconfig*.json'],
  // Outside of the project, or Jest would look there for modules.
  tempDirName: path.join(tmpdir(), 'track-inference-mutation'),
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: true },
  jsonReporter: { fileName: 'reports/mutation/mutation.json' },
  thresholds: { high: 95, low: 85, break: 85 },
};
