import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { TokenExtractorRegistry } from '../../lib/extraction/registry.js';
import { StreamReader } from '../../lib/extraction/stream-reader.js';
import type { TokenExtractor, TokenUsage } from '../../lib/extraction/token-extractor.js';
import { readStream } from './read-stream.js';

interface Piece {
  readonly kind: 'piece';
  readonly text?: string;
  readonly tokens?: number;
}

/** A shape of our own, with all the members there are. */
function pieces(over: Partial<TokenExtractor<Piece>> = {}): TokenExtractor<Piece> {
  return {
    name: 'pieces',
    recognizes: (value): value is Piece => (value as Piece | undefined)?.kind === 'piece',
    usage: ({ tokens }) => (tokens === undefined ? undefined : { outputTokens: tokens }),
    hasOutput: ({ text }) => text !== undefined && text !== '',
    ...over,
  };
}

const piece = (text?: string, tokens?: number) => ({
  kind: 'piece',
  ...(text !== undefined && { text }),
  ...(tokens !== undefined && { tokens }),
});

const chat = (content: string) => ({
  object: 'chat.completion.chunk',
  model: 'm',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});

function warnings(act: () => void): string[] {
  const seen: string[] = [];
  const warn = (message: string) => seen.push(message);
  const logger = { warn, error() {}, info() {}, debug() {}, verbose() {} } as unknown as DiagLogger;
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  try {
    act();
  } finally {
    diag.disable();
  }
  return seen;
}

describe('StreamReader', () => {
  it('says when to take the time of the first output, and says it once', () => {
    const reader = new StreamReader(new TokenExtractorRegistry([pieces()]));

    expect([piece(''), piece('a'), piece('b')].map((chunk) => reader.read(chunk))).toEqual([false, true, false]);
    expect(reader.sawOutput).toBe(true);
  });

  it('does not ask about output again once there was some', () => {
    let asked = 0;
    const extractor = pieces({ hasOutput: () => ++asked > 1 });

    readStream([piece(), piece(), piece(), piece()], new TokenExtractorRegistry([extractor]));

    expect(asked).toBe(2);
  });

  it('asks the extractor that recognised the first chunk, and no other, about all that follow', () => {
    let searches = 0;
    const others = Array.from({ length: 50 }, (_, index) =>
      pieces({
        name: `other ${index}`,
        recognizes: (_value): _value is Piece => {
          searches++;
          return false;
        },
      }),
    );
    const registry = new TokenExtractorRegistry([...others, pieces()]);

    readStream(
      Array.from({ length: 1000 }, () => piece('a', 1)),
      registry,
    );

    expect(searches).toBe(50);
  });

  it('keeps its extractor when a chunk of another shape passes', () => {
    const read = readStream([chat(''), { type: 'message_start', message: { usage: { input_tokens: 9 } } }, chat('a')]);

    expect(read).toMatchObject({ extractor: 'openai.chat', usage: undefined, firstOutputIndex: 2 });
  });

  it('keeps reading with an extractor that is taken out meanwhile', () => {
    const registry = new TokenExtractorRegistry();
    const remove = registry.register(pieces());
    const reader = new StreamReader(registry);
    reader.read(piece('a'));

    remove();
    reader.read(piece('b', 2));

    expect(reader.usage).toEqual({ outputTokens: 2 });
  });

  describe('until a chunk is recognised', () => {
    it('takes the first one that is not empty for the first output', () => {
      expect(readStream(['', undefined, null, 'a', 'b'])).toMatchObject({ extractor: undefined, firstOutputIndex: 3 });
    });

    it('lets the rule of the extractor replace that candidate', () => {
      const reader = new StreamReader(tokenExtractors);

      expect(reader.read({ hello: 'proxy' })).toBe(true);
      expect(reader.read(chat(''))).toBe(false);
      expect(reader.sawOutput).toBe(false);
      expect(reader.read(chat('a'))).toBe(true);
      expect(reader.sawOutput).toBe(true);
    });

    it.each([
      ['an error event', { type: 'error', error: { message: 'overloaded' } }],
      ['an error event without an object', { type: 'error', message: 'overloaded' }],
      ['an error object and nothing else', { error: { code: 429 } }],
    ])('counts %s as failure, and as no output', (_what, chunk) => {
      expect(readStream([chunk])).toMatchObject({ extractor: undefined, failed: true, firstOutputIndex: undefined });
      expect(new StreamReader(tokenExtractors).read(chunk)).toBe(false);
    });

    it('takes an error that is null for none', () => {
      expect(readStream([{ error: null }])).toMatchObject({ failed: false, firstOutputIndex: 0 });
    });

    it('lets the stream be recognised after that', () => {
      const read = readStream([{ type: 'error', error: {} }, chat('a')]);

      expect(read).toMatchObject({ extractor: 'openai.chat', failed: true, firstOutputIndex: 1 });
    });
  });

  describe('with an extractor given', () => {
    it('does not ask whether it recognises anything', () => {
      const extractor = pieces({ recognizes: (_value): _value is Piece => false });

      expect(readStream([piece('a', 3)], new TokenExtractorRegistry(), extractor)).toMatchObject({
        extractor: 'pieces',
        usage: { outputTokens: 3 },
        firstOutputIndex: 0,
      });
    });

    it.each(['openai.chat', 'openai.responses', 'anthropic.messages', 'ollama', 'ai-sdk', 'bedrock.invoke'])(
      'reads nothing out of foreign chunks as %s',
      (name) => {
        const chunks = ['text', 7, null, undefined, [], {}, Symbol('chunk'), () => 1];

        expect(readStream(chunks, tokenExtractors, tokenExtractors.get(name))).toMatchObject({
          usage: undefined,
          failed: false,
        });
      },
    );
  });

  it('takes every chunk for output where the extractor cannot tell', () => {
    const { hasOutput: _, ...withoutRule } = pieces();

    expect(readStream([piece()], new TokenExtractorRegistry([withoutRule]))).toMatchObject({ firstOutputIndex: 0 });
  });

  it('keeps the latest usage, where the extractor does not merge', () => {
    expect(
      readStream([piece('a', 1), piece('b'), piece('c', 5)], new TokenExtractorRegistry([pieces()])),
    ).toMatchObject({
      usage: { outputTokens: 5 },
    });
  });

  it('merges as the extractor says', () => {
    const merge = (soFar: TokenUsage | undefined, next: TokenUsage) => ({
      outputTokens: (soFar?.outputTokens ?? 0) + (next.outputTokens ?? 0),
    });

    expect(readStream([piece('a', 1), piece('b', 5)], new TokenExtractorRegistry([pieces({ merge })]))).toMatchObject({
      usage: { outputTokens: 6 },
    });
  });

  it('keeps the first name that a stream gives its model', () => {
    const names: unknown[] = [undefined, '', 7, 'pieces-1', 'pieces-2'];
    const model = () => names.shift() as string;
    const registry = new TokenExtractorRegistry([pieces({ model })]);

    expect(readStream([piece('a'), piece('b'), piece('c'), piece('d'), piece('e')], registry).model).toBe('pieces-1');
  });

  it('looks for the model in chunks of mere output too, until one names it', () => {
    const { model: _, ...unnamed } = chat('a');

    expect(readStream([unnamed, unnamed, chat('b')])).toMatchObject({ model: 'm', firstOutputIndex: 0 });
  });

  it('reads a chunk in full where the test for mere output throws', () => {
    const isMere = () => {
      throw new Error('on purpose');
    };
    const extractor = { ...pieces({ model: () => 'pieces-1' }), isMere };

    const stream = [piece('a'), piece('b'), piece('c', 2)];
    expect(readStream(stream, new TokenExtractorRegistry([extractor])).usage).toEqual({ outputTokens: 2 });
  });

  it('asks nothing else of mere output, once the model and the first output are known', () => {
    const asked: unknown[] = [];
    const usage = (chunk: Piece) => void asked.push(chunk.text);
    const isMere = (chunk: unknown) => (chunk as Piece).text !== 'e';
    const extractor = { ...pieces({ model: () => 'pieces-1', usage }), isMere };

    readStream(
      ['a', 'b', 'c', 'd', 'e'].map((text) => piece(text)),
      new TokenExtractorRegistry([extractor]),
    );

    expect(asked).toEqual(['a', 'b', 'e']);
  });

  it('does not ask whether what has yet to be decoded is mere output', () => {
    const decode = (chunk: unknown) => JSON.parse(chunk as string) as Piece;
    const extractor = { ...pieces({ model: () => 'pieces-1', decode }), isMere: () => true };
    const stream = [piece('a'), piece('b'), piece('c', 2)].map((chunk) => JSON.stringify(chunk));

    expect(readStream(stream, new TokenExtractorRegistry([extractor])).usage).toEqual({ outputTokens: 2 });
  });

  it.each([null, {}, 7])('takes a usage that is %p for none, without a word', (stated) => {
    const registry = new TokenExtractorRegistry([
      pieces({ name: `states ${JSON.stringify(stated)}`, usage: () => stated as TokenUsage }),
    ]);
    let usage: TokenUsage | undefined;

    const seen = warnings(() => {
      ({ usage } = readStream([piece('a', 1)], registry));
    });

    expect([usage, seen]).toEqual([undefined, []]);
  });

  it('adds the total in the end, when a stream has stated both parts', () => {
    const usage = ({ text, tokens }: Piece) =>
      text === 'in' ? { inputTokens: tokens ?? 0 } : { outputTokens: tokens ?? 0 };
    const merge = (soFar: TokenUsage | undefined, next: TokenUsage) => ({ ...soFar, ...next });
    const registry = new TokenExtractorRegistry([pieces({ usage, merge })]);

    expect(readStream([piece('in', 3), piece('out', 1), piece('out', 4)], registry).usage).toEqual({
      inputTokens: 3,
      outputTokens: 4,
      totalTokens: 7,
    });
  });

  it('drops what no count can be', () => {
    const usage = () =>
      ({
        inputTokens: Number.NaN,
        outputTokens: -1,
        totalTokens: '12',
        cachedInputTokens: Number.POSITIVE_INFINITY,
        reasoningTokens: 2 ** 60,
        inferenceSeconds: 1.5,
        note: 'kept nowhere',
      }) as unknown as TokenUsage;

    expect(readStream([piece()], new TokenExtractorRegistry([pieces({ usage })])).usage).toEqual({
      inferenceSeconds: 1.5,
    });
  });

  it('decodes each chunk once, before all the rest', () => {
    let decoded = 0;
    const decode = (value: unknown) => {
      decoded++;
      return typeof value === 'string' ? JSON.parse(value) : value;
    };
    const registry = new TokenExtractorRegistry([pieces({ decode })]);

    expect(readStream([JSON.stringify(piece('')), JSON.stringify(piece('a', 2))], registry)).toMatchObject({
      extractor: 'pieces',
      usage: { outputTokens: 2 },
      firstOutputIndex: 1,
    });
    expect(decoded).toBe(2);
  });

  it.each(['usage', 'hasOutput', 'merge', 'failed', 'finished', 'model'] as const)(
    'reports once that %s throws, and reads the rest',
    (member) => {
      const all = pieces({
        name: `throws in ${member}`,
        merge: (_soFar, next) => next,
        failed: () => true,
        finished: () => true,
        model: () => 'pieces-1',
      });
      const extractor = {
        ...all,
        [member]: () => {
          throw new Error('on purpose');
        },
      };
      let read: Partial<ReturnType<typeof readStream>> = {};

      const seen = warnings(() => {
        read = readStream([piece('a', 1), piece('b', 2)], new TokenExtractorRegistry([extractor]));
      });

      expect(seen).toEqual([`track-inference: extractor throws in ${member}.${member}: on purpose`]);
      expect(read).toEqual({
        extractor: `throws in ${member}`,
        usage: member === 'usage' ? undefined : { outputTokens: 2 },
        model: member === 'model' ? undefined : 'pieces-1',
        failed: member !== 'failed',
        finished: member !== 'finished',
        firstOutputIndex: member === 'hasOutput' ? undefined : 0,
      });
    },
  );

  it('reports once that decode throws, and takes the chunk for nothing', () => {
    const extractor = pieces({
      name: 'throws in decode',
      decode: () => {
        throw new Error('on purpose');
      },
    });
    const reader = new StreamReader(new TokenExtractorRegistry(), extractor);

    expect(warnings(() => expect(reader.read(piece('a', 1))).toBe(false))).toEqual([
      'track-inference: extractor throws in decode.decode: on purpose',
    ]);
    expect(reader).toMatchObject({ usage: undefined, sawOutput: false });
  });

  it('reports an extractor that answers with a promise, and keeps its rejection quiet', async () => {
    const usage = (() => Promise.reject(new Error('late'))) as unknown as TokenExtractor<Piece>['usage'];
    const reader = new StreamReader(new TokenExtractorRegistry(), pieces({ name: 'async', usage }));

    expect(warnings(() => reader.read(piece('a')))).toEqual([
      'track-inference: extractor async.usage: returned a promise; it must return the usage at once',
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reader.usage).toBeUndefined();
  });

  it('retains no chunk', async () => {
    const reader = new StreamReader(tokenExtractors);
    const refs = feed(reader);

    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();

    expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
    expect(reader.usage).toMatchObject({ outputTokens: 99 });
  });
});

/** In a function of its own, because a running one may keep its latest values alive. */
function feed(reader: StreamReader): WeakRef<object>[] {
  return Array.from({ length: 100 }, (_, index) => {
    const chunk = { ...chat('a'), usage: { prompt_tokens: 1, completion_tokens: index, total_tokens: index + 1 } };
    reader.read(chunk);
    return new WeakRef(chunk);
  });
}
