import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { StreamReader } from '../../lib/extraction/stream-reader.js';
import type { TokenExtractor } from '../../lib/extraction/token-extractor.js';

/** Everything that a live call learns from a stream. */
export function readStream(chunks: Iterable<unknown>, registry = tokenExtractors, extractor?: TokenExtractor) {
  const reader = new StreamReader(registry, extractor);
  let index = 0;
  let stampedAt: number | undefined;
  for (const chunk of chunks) {
    if (reader.read(chunk)) stampedAt = index;
    index++;
  }
  const { usage, model, saidFailed: failed, saidFinished: finished, sawOutput } = reader;
  return {
    extractor: reader.extractor?.name,
    usage,
    model,
    failed,
    finished,
    firstOutputIndex: sawOutput ? stampedAt : undefined,
  };
}
