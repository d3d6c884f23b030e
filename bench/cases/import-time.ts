import type { Case } from './case.js';

/** What the first import costs a process that has OpenTelemetry's API already. */
function importing(specifier: string): Case {
  return {
    id: `import/${specifier}`,
    per: 'import',
    async prepare() {
      await import('@opentelemetry/api');
      const before = process.cpuUsage();
      const start = performance.now();
      await import(specifier);
      const milliseconds = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      return { figures: { milliseconds: (user + system) / 1000, wallMilliseconds: milliseconds } };
    },
  };
}

export const importCases: readonly Case[] = [
  'track-inference',
  'track-inference/producer',
  '@opentelemetry/sdk-metrics',
  'openai',
].map(importing);
