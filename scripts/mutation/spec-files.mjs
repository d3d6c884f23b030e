import { readdirSync } from 'node:fs';

/** Folders of specs that say what the core does. */
const FOLDERS = ['call', 'extraction', 'follow', 'gen-ai', 'metrics', 'producer', 'start', 'testing', ''];

/** Fewer of them, as in `SPEC_FOLDERS=extraction,follow`, take less time and find less. */
const CHOSEN = process.env.SPEC_FOLDERS?.split(',') ?? FOLDERS;

/** Specs that need servers or processes, or run everything through everything: too slow to be run once a mutant. */
const SLOW_FILES = [
  'spec/call/unhandled-rejections.spec.ts',
  'spec/extraction/sdk-types.spec.ts',
  'spec/follow/client-streams.spec.ts',
  'spec/follow/conformance.spec.ts',
  'spec/follow/handed-on.spec.ts',
  'spec/follow/model.spec.ts',
  'spec/producer/wire.spec.ts',
  'spec/start/delivery.spec.ts',
  'spec/testing/conformance.spec.ts',
];

/** Tests that wait for garbage collections, and say how long a call lives. */
const LIFETIMES =
  /^spec\/(call|follow)\/.*(collected|nobody can reach|outlives|lives on|let go of|stays in flight while|forgets)/;

/** Tests that start a process, take long, or wait for collections elsewhere. */
const SLOW_TESTS =
  /^(?!spec\/(call|follow)\/).*(collected|nobody can reach|outlives it)|nobody ever waits|nobody handles|nobody listens|is gone|100,000|retains no/;

/** Tests that hold for a module by itself, or for Jest's own clock, and not for a bundle. */
const NOT_IN_A_BUNDLE = /tracks #private methods|reads the clock at entry, at the first output/;

export function specFiles() {
  return CHOSEN.flatMap((folder) => {
    const entries = readdirSync(`spec/${folder}`, { recursive: folder !== '' }).sort();
    return entries.filter((name) => name.endsWith('.spec.ts')).map((name) => `spec/${folder && `${folder}/`}${name}`);
  }).filter((file) => !SLOW_FILES.includes(file));
}

export function takesPart(testId) {
  return !SLOW_TESTS.test(testId) && !NOT_IN_A_BUNDLE.test(testId);
}

/** Whether a test says how long a call lives. */
export function isLifetime(testId) {
  return LIFETIMES.test(testId);
}

/** Whether how long a call lives depends on that file. */
export function hasLifetimes(mutatedFile) {
  return /^lib\/(call|follow)\//.test(mutatedFile);
}

/** What starts a process's metrics has servers, and one default tracker: its specs run by themselves, for its mutants. */
export function isApart(file) {
  return /^(spec|lib)\/start\//.test(file);
}
