import { Generation } from '../../../samples/gateway/providers/local/generation.js';
import { BOUNDARY, MarkovModel } from '../../../samples/gateway/providers/local/markov-model.js';

const sampling = { choices: 1, maxTokens: 1_000, temperature: 1, seed: 1, stop: [] };
const prompts = [{ tokens: 2, context: [BOUNDARY], leadingSpace: false }];

/** Says one word for ever, and counts how often. */
class Parrot extends MarkovModel {
  words = 0;

  constructor() {
    super('again');
  }

  override next(): string {
    this.words++;
    return 'again';
  }
}

function generate(model: MarkovModel, overrides: object = {}) {
  return new Generation({ model, prompts, sampling: { ...sampling, ...overrides }, tokensPerSecond: 0 });
}

describe('Generation', () => {
  it('draws a token only when one is pulled', async () => {
    const parrot = new Parrot();
    const pieces = generate(parrot).pieces();
    expect(parrot.words).toBe(0);
    for (let pulled = 1; pulled <= 5; pulled++) {
      await pieces.next();
      expect(parrot.words).toBe(pulled);
    }
    await pieces.return();
    expect(await pieces.next()).toEqual({ done: true, value: undefined });
    expect(parrot.words).toBe(5);
  });

  it('counts what was generated, also what a stop sequence takes away', async () => {
    const generation = generate(new Parrot(), { stop: ['again again'] });
    const texts: string[] = [];
    for await (const { text } of generation.pieces()) texts.push(text);
    expect(texts.join('')).toBe('');
    expect(generation.usage).toEqual({ prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 });
  });

  it('lets other work in while it runs at full speed', async () => {
    let others = 0;
    const other = setInterval(() => others++, 0);
    for await (const _ of generate(new Parrot(), { maxTokens: 20_000 }).pieces());
    clearInterval(other);
    expect(others).toBeGreaterThan(0);
  });
});

describe('MarkovModel', () => {
  const model = new MarkovModel('one two three\nfour\n\none two three five');

  it('follows the longest context that it knows', () => {
    expect(model.next(['one', 'two'], () => 0.99)).toBe('three');
    expect(model.next(['never', 'heard', 'one'], () => 0.99)).toBe('two');
    expect(['four', 'five']).toContain(model.next(['two', 'three'], () => 0.99));
  });

  it('ends where paragraphs ended', () => {
    expect(model.next(['three', 'five'], () => 0.99)).toBe(BOUNDARY);
    expect(model.next([BOUNDARY], () => 0.99)).toBe('one');
  });

  it('opens with a paragraph that has the words of the question', () => {
    const alice = new MarkovModel('The cat slept all day.\n\nThe rabbit looked at its watch.');
    expect(alice.openingFor('What about that RABBIT?', () => 0)).toEqual(['The', 'rabbit']);
    expect(alice.openingFor('Hello', () => 0)).toEqual(['The', 'cat']);
  });
});
