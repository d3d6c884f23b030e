/** Specs of servers, dashboards and the built package, which do not care how a decorator is compiled: they run once. */
const ONCE = [
  '<rootDir>/spec/end-to-end/',
  '<rootDir>/spec/observability/',
  '<rootDir>/spec/package/',
  '<rootDir>/spec/cli/',
];

const project = (dialect, tsconfig) => ({
  displayName: dialect,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...ONCE],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^track-inference$': '<rootDir>/lib/index.ts',
    '^track-inference/(.*)$': '<rootDir>/lib/$1/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  transform: { '^.+\\.ts$': ['ts-jest', { useESM: true, tsconfig, diagnostics: false }] },
  globals: { DIALECT: dialect },
});

/** Every other spec runs twice: once compiled with standard decorators, once with experimentalDecorators. */
export default {
  projects: [
    project('standard', 'tsconfig.json'),
    project('legacy', 'tsconfig.legacy.json'),
    {
      ...project('standard', 'tsconfig.json'),
      displayName: 'end-to-end',
      testMatch: ONCE.map((folder) => `${folder}**/*.spec.ts`),
      testPathIgnorePatterns: ['/node_modules/'],
    },
  ],
  // Workers are renewed: in a heap that has loaded every module twice, the specs of garbage collection take minutes.
  // A shared machine can be slow; what a spec waits for has deadlines of its own.
  testTimeout: 180_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '512MB',
  collectCoverageFrom: ['lib/**/*.ts', '!lib/**/index.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 95, branches: 95, functions: 95, statements: 95 } },
};
