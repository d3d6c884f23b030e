import type { Vocabulary } from '../metrics/vocabularies/vocabulary.js';
import { genAi } from './semconv-1-41.js';

export { genAi, genAiWithChunks } from './semconv-1-41.js';

/**
 * OpenTelemetry's GenAI metrics if the environment asks for them, for the option `vocabularies`: it does with
 * `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`, alone or in a list separated by commas.
 *
 * @param environment @default process.env, where there is one
 */
export function genAiFromEnvironment(environment: Readonly<Record<string, string | undefined>> = env()): Vocabulary[] {
  const optIns = environment['OTEL_SEMCONV_STABILITY_OPT_IN']?.split(',').map((optIn) => optIn.trim()) ?? [];
  return optIns.includes('gen_ai_latest_experimental') ? [genAi] : [];
}

function env(): Readonly<Record<string, string | undefined>> {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
}
