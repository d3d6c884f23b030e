import { parseArgs } from 'node:util';
import type { GatewayOptions } from './gateway.js';

/** Reads the environment variables that README.md lists. Throws what to change where one makes no sense. */
export function settingsFrom(env: NodeJS.ProcessEnv): GatewayOptions {
  const baseURL = env['OPENAI_BASE_URL'];
  const apiKey = env['OPENAI_API_KEY'];
  const host = env['HOST']?.trim();
  return {
    ...(host && { host }),
    port: numberFrom(env, 'PORT', 8080, (port) => Number.isInteger(port) && port <= 65_535),
    tokensPerSecond: numberFrom(env, 'TOKENS_PER_SECOND', 50),
    ...(baseURL || apiKey ? { upstream: { ...(baseURL && { baseURL }), ...(apiKey && { apiKey }) } } : {}),
  };
}

/** Reads `--workers N`: how many processes share the port. */
export function workersFrom(args: readonly string[]): number {
  const { values } = parseArgs({ args: [...args], options: { workers: { type: 'string', default: '1' } } });
  const workers = Number(values.workers);
  if (!(Number.isInteger(workers) && workers >= 1))
    throw new Error(`--workers ${values.workers} is not a whole number from 1.`);
  return workers;
}

function numberFrom(
  env: NodeJS.ProcessEnv,
  name: string,
  fallback: number,
  fits: (value: number) => boolean = Number.isFinite,
): number {
  const text = env[name]?.trim();
  if (!text) return fallback;
  const value = Number(text);
  if (!(value >= 0 && fits(value)))
    throw new Error(`${name}=${text} is not a number that fits; leave it out for ${fallback}.`);
  return value;
}
