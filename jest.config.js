const project = (dialect, tsconfig) => ({
  displayName: dialect,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
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

/** Every spec runs twice: once compiled with standard decorators, once with experimentalDecorators. */
export default {
  projects: [project('standard', 'tsconfig.json'), project('legacy', 'tsconfig.legacy.json')],
  collectCoverageFrom: ['lib/**/*.ts', '!lib/**/index.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { lines: 95, branches: 90, functions: 95, statements: 95 } },
};
