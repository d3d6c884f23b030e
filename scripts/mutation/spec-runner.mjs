// A test runner for Stryker: the specs under Jest's own circus, in the runner's process, from one bundle.
//
// Jest gives each spec file a context of its own and loads every module anew for it, which takes longer than the tests
// do. Here a mutant costs the evaluation of one script and the tests that reach it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';
import { jestExpect } from '@jest/expect';
import { ModernFakeTimers } from '@jest/fake-timers';
import { build } from 'esbuild';
import * as circus from 'jest-circus';
import { hasLifetimes, isApart, isLifetime, specFiles, takesPart } from './spec-files.mjs';

const require = createRequire(import.meta.url);
/** For a test, and so for a mutant that makes one wait for ever. */
const TEST_TIMEOUT_MS = 5_000;
/** From here on a test is slow, and run for a mutant that the others let live. */
const SLOW_MS = 200;
const NAMESPACE = '__stryker__';

class SpecRunner {
  #specs = specFiles();
  #script;
  #slowTests = new Set();
  #timers = new ModernFakeTimers({ config: { fakeTimers: {}, rootDir: process.cwd() }, global: globalThis });

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    const { outputFiles } = await build({
      stdin: { contents: entryOf(this.#specs), resolveDir: process.cwd(), loader: 'js' },
      bundle: true,
      write: false,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      // Names that collide are changed in a bundle, and a method's name is its endpoint type.
      keepNames: true,
      // Stryker moved to its sandbox after esbuild noted where it was.
      absWorkingDir: process.cwd(),
      alias: { 'track-inference': path.resolve('lib/index.ts'), ...subpaths() },
      define: { 'import.meta.url': JSON.stringify(import.meta.url) },
      // What is loaded when it is needed is the same module as what is loaded at once.
      supported: { 'dynamic-import': false },
      plugins: [withoutOtherMajors],
      logLevel: 'error',
    });
    this.#script = new Script(`(function (require, exports, module) {${outputFiles[0].text}\n})`, {
      filename: path.resolve('specs.cjs'),
    });
    Object.assign(globalThis, {
      describe: circus.describe,
      it: circus.it,
      test: circus.test,
      beforeAll: circus.beforeAll,
      beforeEach: circus.beforeEach,
      afterAll: circus.afterAll,
      afterEach: circus.afterEach,
      expect: jestExpect,
      DIALECT: 'standard',
    });
    globalThis[NAMESPACE] ??= {};
  }

  async dryRun({ coverageAnalysis }) {
    const namespace = globalThis[NAMESPACE];
    namespace.activeMutant = undefined;
    namespace.mutantCoverage = { static: {}, perTest: {} };
    const tests = [];
    for (const apart of [false, true]) {
      const specs = this.#specs.filter((file) => isApart(file) === apart);
      tests.push(...(await this.#run(specs, takesPart, false)));
    }
    this.#slowTests = new Set(tests.filter(({ timeSpentMs }) => timeSpentMs >= SLOW_MS).map(({ id }) => id));
    const { mutantCoverage } = namespace;
    namespace.mutantCoverage = undefined;
    return { status: 'complete', tests, ...(coverageAnalysis !== 'off' && { mutantCoverage }) };
  }

  async mutantRun({ activeMutant, sandboxFileName, testFilter, hitLimit, disableBail }) {
    const namespace = globalThis[NAMESPACE];
    Object.assign(namespace, { activeMutant: activeMutant.id, hitCount: hitLimit ? 0 : undefined, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    const mutated = path.relative(process.cwd(), sandboxFileName);
    const files = this.#specs.filter(
      (file) => isApart(file) === isApart(mutated) && (testFilter?.some((id) => id.startsWith(`${file} `)) ?? true),
    );
    const isWanted = (id) => wanted?.has(id) ?? takesPart(id);
    const isSlow = (id) => isLifetime(id) || this.#slowTests.has(id);
    const steps = [
      ...byDistance(files, mutated).map((specs) => [specs, (id) => isWanted(id) && !isSlow(id)]),
      [files, (id) => isWanted(id) && isSlow(id) && (hasLifetimes(mutated) || !isLifetime(id))],
    ];
    const tests = [];
    for (const [specs, isOfStep] of steps) {
      tests.push(...(await this.#run(specs, isOfStep, !disableBail)));
      if (!disableBail && tests.some(({ status }) => status === FAILED)) break;
    }
    namespace.activeMutant = undefined;
    if (hitLimit !== undefined && namespace.hitCount > hitLimit) return { status: 'timeout', reason: 'hit limit' };
    const failed = tests.filter(({ status }) => status === FAILED);
    const nrOfTests = tests.filter(({ status }) => status !== SKIPPED).length;
    if (failed.length === 0) return { status: 'survived', nrOfTests };
    return {
      status: 'killed',
      killedBy: failed.map(({ id }) => id),
      failureMessage: failed[0].failureMessage,
      nrOfTests,
    };
  }

  /** Runs the wanted tests of those specs, in that order, over modules that are evaluated anew. */
  async #run(specs, isWanted, stopsAtFailure) {
    forget();
    circus.resetState();
    // Without a mutant nothing waits for ever, and a busy machine is no failure.
    globalThis[Symbol.for('TEST_TIMEOUT_SYMBOL')] = stopsAtFailure ? TEST_TIMEOUT_MS : 12 * TEST_TIMEOUT_MS;
    const namespace = globalThis[NAMESPACE];
    const tests = [];
    let isOver = false;
    const onEvent = (event) => {
      if (event.name === 'test_start') {
        const id = idOf(event.test);
        if (isOver || !isWanted(id)) event.test.mode = 'skip';
        else namespace.currentTestId = id;
      }
      if (event.name === 'test_done' || event.name === 'test_skip') {
        const result = resultOf(event.test, event.name === 'test_skip');
        tests.push(result);
        namespace.currentTestId = undefined;
        if (result.status === FAILED && stopsAtFailure) isOver = true;
      }
    };
    circus.addEventHandler(onEvent);
    const cwd = process.cwd();
    try {
      const module = { exports: {} };
      this.#script.runInThisContext()(this.#requireFor(), module.exports, module);
      for (const file of specs) circus.describe(file, () => void module.exports.load(file));
      await circus.run();
    } catch (error) {
      // A module that cannot be evaluated, or a describe that throws.
      tests.push({
        id: 'loading',
        name: 'loading',
        timeSpentMs: 0,
        status: FAILED,
        failureMessage: String(error?.stack ?? error),
      });
    } finally {
      circus.removeEventHandler(onEvent);
      this.#timers.useRealTimers();
      process.chdir(cwd);
      namespace.currentTestId = undefined;
    }
    return tests;
  }

  #requireFor() {
    const timers = this.#timers;
    const jest = {
      useFakeTimers: (options) => timers.useFakeTimers(options),
      useRealTimers: () => timers.useRealTimers(),
      advanceTimersByTime: (milliseconds) => timers.advanceTimersByTime(milliseconds),
      getTimerCount: () => timers.getTimerCount(),
      setSystemTime: (now) => timers.setSystemTime(now),
      setTimeout() {},
    };
    return (id) => (id === '@jest/globals' ? { ...circus, expect: jestExpect, jest } : require(id));
  }
}

const PASSED = 0;
const FAILED = 1;
const SKIPPED = 2;

function resultOf(test, isSkipped) {
  const id = idOf(test);
  const [error] = test.errors.flat();
  return {
    id,
    name: id,
    fileName: path.resolve(id.split(' ', 1)[0]),
    timeSpentMs: test.duration ?? 0,
    status: isSkipped ? SKIPPED : error === undefined ? PASSED : FAILED,
    ...(error !== undefined && { failureMessage: String(error?.message ?? error) }),
  };
}

/** The names around a test and its own: begins with the file's. */
function idOf(test) {
  const names = [];
  for (let part = test; part.parent !== undefined; part = part.parent) names.unshift(part.name);
  return names.join(' ');
}

/** What the library and OpenTelemetry keep on the global object, so that each run begins as a process does. */
function forget() {
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    if (/^(track-inference|opentelemetry\.js)/.test(Symbol.keyFor(key) ?? '')) delete globalThis[key];
  }
}

/** The specs of the mutated file and of its folder, which fail soonest; then all others, which then need not be loaded. */
function byDistance(specs, mutated) {
  const own = mutated.replace(/^lib/, 'spec').replace(/\.ts$/, '.spec.ts');
  const isNear = (file) => {
    const folder = path.dirname(file);
    return folder === 'spec' ? path.dirname(own) === folder : own.startsWith(`${folder}/`);
  };
  const near = specs.filter(isNear).sort((a, b) => Number(b === own) - Number(a === own));
  return [near, specs.filter((file) => !isNear(file))].filter((files) => files.length > 0);
}

function entryOf(specs) {
  const loaders = specs.map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(`./${file}`)})`);
  return `const specs = {${loaders.join(',\n')}};\nexports.load = (file) => specs[file]();`;
}

/** A script cannot wait for a module: what clients of other majors have to say is left to the specs' own runs. */
const withoutOtherMajors = {
  name: 'without-other-majors',
  setup(build) {
    build.onLoad({ filter: /[\\/]wire[\\/]openai-clients\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, 'utf8').replace(/\(await otherMajor\('[\w-]+'\)\)/, '(undefined)'),
      loader: 'ts',
    }));
  },
};

function subpaths() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = Object.keys(exports).filter((name) => name.startsWith('./') && !name.endsWith('.json'));
  return Object.fromEntries(
    names.map((name) => [`track-inference/${name.slice(2)}`, path.resolve(`lib/${name.slice(2)}/index.ts`)]),
  );
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'specs', injectableClass: SpecRunner }];
