import { embed } from '../../../samples/gateway/providers/local/embedding.js';
import { encode } from '../../../samples/gateway/providers/local/tokenizer.js';

const input = ['the cat sat on the mat', 'a cat on a mat', 'rates of interest rose again'];

async function vectors(params: object = {}) {
  const { data } = await embed({ model: 'markov', input, ...params }, 'local/markov');
  return data.map(({ embedding }) => embedding as number[]);
}

function dot(a: readonly number[] = [], b: readonly number[] = []): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? Number.NaN), 0);
}

describe('embed', () => {
  it('gives vectors of length 1 and of the size asked for, always the same', async () => {
    for (const vector of await vectors({ dimensions: 64 })) {
      expect(vector).toHaveLength(64);
      expect(dot(vector, vector)).toBeCloseTo(1, 5);
    }
    expect(await vectors()).toEqual(await vectors());
  });

  it('puts texts with common words near each other', async () => {
    const [cat, otherCat, bank] = await vectors();
    expect(dot(cat, otherCat)).toBeGreaterThan(dot(cat, bank) + 0.2);
  });

  it('encodes the same numbers as base64', async () => {
    const { data } = await embed({ model: 'markov', input, encoding_format: 'base64' }, 'local/markov');
    const decoded = data.map(({ embedding }) => {
      const bytes = Uint8Array.from(Buffer.from(embedding as string, 'base64'));
      return [...new Float32Array(bytes.buffer)];
    });
    expect(decoded).toEqual(await vectors());
  });

  it.each([
    ['a string', 'the cat', 1],
    ['strings', ['the cat', 'a dog'], 2],
    ['tokens', encode('the cat'), 1],
    ['arrays of tokens', [encode('the cat'), encode('a dog')], 2],
  ])('takes %s', async (_, value, count) => {
    const { data, usage } = await embed({ model: 'markov', input: value }, 'local/markov');
    expect(data.map(({ index }) => index)).toEqual([0, 1].slice(0, count));
    expect(usage).toEqual({ prompt_tokens: 2 * count, total_tokens: 2 * count });
    expect(data[0]?.embedding).toEqual((await vectors({ input: 'the cat' }))[0]);
  });

  it.each([
    ['input', { input: '' }],
    ['input', { input: 'x'.repeat(100_000) }],
    ['input', { input: [[0, 40_000]] }],
    ['input', { input: Array(2_049).fill('a') }],
    ['dimensions', { dimensions: 0 }],
    ['dimensions', { dimensions: 1e9 }],
  ])('refuses a wrong %s', async (param, params) => {
    await expect(vectors(params)).rejects.toMatchObject({ name: 'ApiError', status: 400, param });
  });

  it('stops between two inputs when the client leaves', async () => {
    const gone = embed({ model: 'markov', input }, 'local/markov', AbortSignal.abort());
    await expect(gone).rejects.toMatchObject({ name: 'AbortError' });
  });
});
