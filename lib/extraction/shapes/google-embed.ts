import { addUp } from '../merge-rules.js';
import { fields } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'embedding' | 'embeddings' | 'predictions' | 'usageMetadata';

// Embeddings only have an input.
const readUsage = /* @__PURE__ */ usageTable(
  { inputTokens: 'promptTokenCount | statistics.tokenCount | embeddings.statistics.token_count' },
  'zero',
);

/** Gemini's and Vertex' embeddings: one count for the request, or one for each vector. The Gemini API often states none. */
export const googleEmbed = /* @__PURE__ */ shape({
  name: 'google.embed',
  is: (payload) => {
    const { embedding, embeddings, predictions } = fields<Payload>(payload);
    const vectors = embeddings ?? predictions;
    const { values, embeddings: predicted } = fields<'values' | 'embeddings'>(
      Array.isArray(vectors) ? vectors[0] : embedding,
    );
    return Array.isArray(values) || Array.isArray(fields<'values'>(predicted).values);
  },
  usage: (payload) => {
    const { usageMetadata, embeddings, predictions } = fields<Payload>(payload);
    return readUsage(usageMetadata) ?? sumOf(embeddings ?? predictions);
  },
});

function sumOf(vectors: unknown): TokenUsage | undefined {
  let sum: TokenUsage | undefined;
  if (Array.isArray(vectors)) {
    for (const vector of vectors) sum = addUp(sum, readUsage(vector));
  }
  return sum;
}
