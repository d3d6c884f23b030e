import type { Case } from './cases/case.js';

/** The files with cases; each child process loads the one it needs, so that import time is measured cold. */
const files = {
  request: async () => (await import('./cases/request.js')).requestCases,
  recording: async () => (await import('./cases/recording.js')).recordingCases,
  chunk: async () => (await import('./cases/chunk.js')).chunkCases,
  peers: async () => (await import('./cases/peer-chunk.js')).peerChunkCases,
  middleware: async () => (await import('./cases/middleware.js')).middlewareCases,
  heap: async () => (await import('./cases/heap.js')).heapCases,
  cardinality: async () => (await import('./cases/cardinality.js')).cardinalityCases,
  collection: async () => (await import('./cases/collection.js')).collectionCases,
  import: async () => (await import('./cases/import-time.js')).importCases,
} satisfies Record<string, () => Promise<readonly Case[]>>;

export type Family = keyof typeof files;

export const families = Object.keys(files) as Family[];

export function casesOf(family: Family): Promise<readonly Case[]> {
  return files[family]();
}
