import { type AnyMethod, createInferenceTracker, TrackInference, trackInference, trackMethods } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { inFlight, requests } from './support/readings.js';

declare const DIALECT: 'standard' | 'legacy';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

// Misuse does not compile, as it should not; these are for what JavaScript lets through.
// biome-ignore lint/suspicious/noExplicitAny: see above.
const misuse = TrackInference() as any;

describe('TrackInference', () => {
  const symbol = Symbol('chatStream');

  class Base {
    readonly region: string = 'eu';

    @TrackInference()
    openaiChatCompletion(request: { model: string; stream?: boolean }): string {
      return `${request.model} in ${this.region}`;
    }

    @TrackInference('embeddings')
    static embed(input: string): number {
      return input.length;
    }

    @TrackInference()
    [symbol](): string {
      return 'by symbol';
    }

    @TrackInference({
      endpointType: (request) => request.kind,
      model: (request) => request.name,
      provider() {
        return this.region;
      },
      stream: (request) => request.live,
      attributes: (request) => ({ tenant: request.tenant, unknown: undefined }),
    })
    selected(_request: { kind: string; name: string; live: boolean; tenant: string }): void {}
  }

  class Derived extends Base {
    override readonly region = 'us';
  }

  class Overriding extends Base {
    @TrackInference()
    override openaiChatCompletion(request: { model: string }): string {
      return `over ${super.openaiChatCompletion(request)}`;
    }
  }

  it("takes the endpoint type from the method's name and the model from the request", async () => {
    expect(new Base().openaiChatCompletion({ model: 'm' })).toBe('m in eu');
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'openai_chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('tracks static methods', async () => {
    expect(Base.embed('four')).toBe(4);
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'embeddings', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('tracks methods named by a symbol', async () => {
    expect(new Base()[symbol]()).toBe('by symbol');
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'chat_stream', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('tracks inherited methods with their own this', async () => {
    expect(new Derived().openaiChatCompletion({ model: 'm' })).toBe('m in us');
    expect(await requests(tracker)).toHaveLength(1);
  });

  it('counts an override that calls super once', async () => {
    expect(new Overriding().openaiChatCompletion({ model: 'm' })).toBe('over m in eu');
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'openai_chat_completion', stream: false, status: 'success', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('takes labels from selectors', async () => {
    new Derived().selected({ kind: 'rerank', name: 'm', live: true, tenant: 'paid' });
    expect(await requests(tracker)).toEqual([
      {
        model: 'm',
        provider: 'us',
        endpoint_type: 'rerank',
        stream: true,
        tenant: 'paid',
        status: 'success',
        count: 1,
      },
    ]);
  });

  if (DIALECT === 'standard') {
    it('tracks #private methods', async () => {
      const fixture = './fixtures/private-router.standard.js'; // Not a literal: the legacy typecheck must not see it.
      const { PrivateRouter } = await import(fixture);
      expect(await new PrivateRouter().chat('m')).toBe('m');
      expect(await requests(tracker)).toEqual([
        { model: 'm', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
      ]);
    });
  }

  it.each<[string, () => unknown, RegExp]>([
    [
      'an accessor',
      () => {
        class Router {
          @misuse get limits() {
            return 1;
          }
        }
        return Router;
      },
      /^@TrackInference: (Router\.)?limits is (an accessor|a getter); decorate a method, or wrap the function with trackInference\(\)\.$/,
    ],
    [
      'a field',
      () => {
        class Router {
          @misuse limits = 1;
        }
        return Router;
      },
      /^@TrackInference: (Router\.)?limits is a field; decorate a method/,
    ],
    [
      'a class',
      () => {
        @misuse
        class Router {}
        return Router;
      },
      /^@TrackInference: Router is a class; decorate a method/,
    ],
    [
      'a method twice',
      () => {
        class Router {
          @TrackInference()
          @TrackInference()
          chat() {}
        }
        return Router;
      },
      /^@TrackInference: (Router\.)?chat is tracked already; keep one of the two/,
    ],
    [
      'a method of two trackers',
      () => {
        const other = createInferenceTracker();
        class Router {
          @other.TrackInference()
          @TrackInference()
          chat() {}
        }
        return Router;
      },
      /tracked already/,
    ],
    [
      'a method without parentheses',
      () => {
        // biome-ignore lint/suspicious/noExplicitAny: misuse.
        const bare = TrackInference as any;
        class Router {
          @bare chat() {}
        }
        return Router;
      },
      /without parentheses; write @TrackInference\(\) above the method/,
    ],
  ])('refuses %s when the class is defined', (_name, define, message) => {
    expect(define).toThrow(TypeError);
    expect(define).toThrow(message);
  });

  // As a compiler calls a decorator in either dialect, whichever this is compiled under.
  const where = 'decorate a method, or wrap the function with trackInference().';
  it.each<[unknown[], string]>([
    [[Base.prototype, 'selected', 0], `Base.selected is a parameter; ${where}`],
    [[Base, undefined, 0], `Base is a parameter; ${where}`],
    [[Base], `Base is a class; ${where}`],
    [[class {}], `an unnamed class is a class; ${where}`],
    [[Base.prototype, 'region'], `Base.region is a field; ${where}`],
    [[Base.prototype, 'region', { value: 1 }], `Base.region is a field; ${where}`],
    [[Base.prototype, 'limits', { get: () => 1 }], `Base.limits is an accessor; ${where}`],
    [[Base.prototype, 'limits', { set() {} }], `Base.limits is an accessor; ${where}`],
    [[Base.prototype, symbol, {}], `Base.chatStream is a field; ${where}`],
    [[Base.prototype, Symbol(), {}], `Base. is a field; ${where}`],
    [[{ constructor: { name: 7 } }, 'a', {}], `an object.a is a field; ${where}`],
    [[{ constructor: { name: '' } }, 'a', {}], `an object.a is a field; ${where}`],
    [[Object.create(null), 'a', {}], `an object.a is a field; ${where}`],
    [[undefined, { kind: 'field', name: 'limits' }], `limits is a field; ${where}`],
    [[() => 1, { kind: 'getter', name: symbol }], `chatStream is a getter; ${where}`],
    [[{}, { kind: 'accessor', name: 'limits' }], `limits is an accessor; ${where}`],
    [[Base, { kind: 'class', name: undefined }], `an unnamed class is a class; ${where}`],
  ])('refuses to decorate %p', (given, message) => {
    expect(() => misuse(...given)).toThrow(new TypeError(`@TrackInference: ${message}`));
  });

  it('says how it is written when it is used without parentheses, or on several things', () => {
    // biome-ignore lint/suspicious/noExplicitAny: misuse.
    const bare = TrackInference as any;
    const message = '@TrackInference is used without parentheses; write @TrackInference() above the method.';
    for (const given of [[() => {}], [Base.prototype, 'selected', {}], [{}, {}]]) {
      expect(() => bare(...given)).toThrow(new TypeError(message));
    }
  });

  it('keeps the options as they were when the class was defined', async () => {
    const options = { endpointType: 'before' };
    const fn = trackInference(() => {}, options);
    options.endpointType = 'after';
    fn();
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'before' }]);
  });

  it.each<[object | string, RegExp]>([
    ['', /option "endpointType" must be a non-empty string or a function of the arguments, got ""/],
    [{ endpointType: 1 }, /option "endpointType" must be .*, got 1/],
    [{ model: null }, /option "model" must be .*, got null/],
    [{ provider: '' }, /option "provider"/],
    [{ stream: 'yes' }, /option "stream" must be a boolean or a function/],
    [{ signal: AbortSignal.abort() }, /option "signal" must be a function/],
    [{ enabled: 1 }, /option "enabled"/],
    [{ attributes: [] }, /option "attributes" must be an object of attributes .*, got an array/],
    [{ usage: {} }, /option "usage"/],
    [{ extractor: {} }, /option "extractor"/],
    [{ nested: 'no' }, /option "nested" must be 'join' or 'separate', got "no"/],
    [{ endpoint: 'chat' }, /unknown option "endpoint"; the options are endpointType, model/],
    [{ constructor: 'chat' }, /unknown option "constructor"/],
    [7 as unknown as object, /options must be an object or an endpoint type, got 7/],
  ])('refuses the options %j', (options, message) => {
    expect(() => TrackInference(options)).toThrow(TypeError);
    expect(() => TrackInference(options)).toThrow(message);
    expect(() => trackInference(() => {}, options)).toThrow(message);
  });
});

describe('trackInference', () => {
  it('keeps this, arguments and the sync result', async () => {
    const fn = trackInference(function (this: { base: number }, a: number, ...rest: number[]) {
      return this.base + a + rest.length;
    }, 'sum');
    expect(fn.call({ base: 10 }, 1, 2, 3)).toBe(13);
    expect(await requests(tracker)).toEqual([{ endpoint_type: 'sum', stream: false, status: 'success', count: 1 }]);
  });

  it('leaves the endpoint type out where a function has no name', async () => {
    trackInference(() => 1)();
    expect(await requests(tracker)).toEqual([{ stream: false, status: 'success', count: 1 }]);
  });

  it.each([[undefined], [null], ['chat'], [{}]])('refuses %p', (value) => {
    expect(() => trackInference(value as unknown as AnyMethod)).toThrow(/the first argument must be a function/);
  });

  it('says what it got in the place of a function', () => {
    expect(() => trackInference('chat' as unknown as AnyMethod)).toThrow(
      new TypeError('trackInference: the first argument must be a function, got "chat".'),
    );
  });

  it('refuses a function that is tracked already', () => {
    const once = trackInference(function chat() {});
    const twice = 'is tracked already; keep one of the two, or every call is counted twice.';
    expect(() => trackInference(once)).toThrow(new TypeError(`trackInference: chat ${twice}`));
    expect(() => trackInference(trackInference(() => {}))).toThrow(
      new TypeError(`trackInference: an unnamed function ${twice}`),
    );
  });
});

describe('trackMethods', () => {
  class Client {
    #key = 'secret';
    chat(request: { model: string }): string {
      return request.model + this.#key.length;
    }
    get limits(): number {
      return 1;
    }
  }

  it('tracks the methods of an object that it returns, and of that object alone', async () => {
    const client = new Client();
    expect(trackMethods(client, { chat: 'chat_completion' })).toBe(client);
    expect(client.chat({ model: 'm' })).toBe('m6');
    expect(new Client().chat({ model: 'm' })).toBe('m6');
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('tracks a prototype', async () => {
    class Sdk {
      chat(): string {
        return 'hi';
      }
    }
    trackMethods(Sdk.prototype, { chat: {} });
    expect(new Sdk().chat()).toBe('hi');
    expect(Object.keys(Sdk.prototype)).toEqual([]);
    expect(await requests(tracker)).toHaveLength(1);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a missing member',
      () => trackMethods(new Client(), { nothing: 'x' } as object),
      /Client\.nothing does not exist/,
    ],
    ['an accessor', () => trackMethods(new Client(), { limits: 'x' } as object), /Client\.limits is an accessor/],
    ['a value', () => trackMethods({ a: 1 }, { a: 'x' } as object), /Object\.a is 1; name methods only/],
    ['a frozen object', () => trackMethods(Object.freeze({ a() {} }), { a: 'x' }), /cannot be replaced .* frozen/],
    ['a tracked method', () => trackMethods({ a: trackInference(() => {}) }, { a: 'x' }), /tracked already/],
    ['a wrong option', () => trackMethods({ a() {} }, { a: { nested: 'x' } } as object), /Object\.a: option "nested"/],
    ['no object', () => trackMethods(1 as unknown as object, {}), /must be an object, got 1/],
  ])('refuses %s', (_name, track, message) => {
    expect(track).toThrow(TypeError);
    expect(track).toThrow(message);
  });

  it('says what stands in the way', () => {
    const plan = { a: 'x' } as object;
    const refused: [object, string][] = [
      [{}, "Object.a does not exist; check the plan's names."],
      [Object.create(null), "an object.a does not exist; check the plan's names."],
      [class Sdk {}, "Sdk.a does not exist; check the plan's names."],
      [
        {
          get a() {
            return 1;
          },
        },
        'Object.a is an accessor; name methods only.',
      ],
      [{ set a(_value: number) {} }, 'Object.a is an accessor; name methods only.'],
      [{ a: null }, 'Object.a is null; name methods only.'],
      [
        Object.freeze({ a() {} }),
        'Object.a cannot be replaced because the object is frozen; wrap the function with trackInference().',
      ],
      [
        Object.preventExtensions(Object.create({ a() {} })),
        'Object.a cannot be replaced because the object is frozen; wrap the function with trackInference().',
      ],
      [
        { a: trackInference(() => {}) },
        'Object.a is tracked already; keep one of the two, or every call is counted twice.',
      ],
    ];
    for (const [router, message] of refused) {
      expect(() => trackMethods(router, plan)).toThrow(new TypeError(`trackMethods: ${message}`));
    }
    expect(() => trackMethods({ a() {} }, { a: { nested: 'no' } } as object)).toThrow(
      new TypeError(`trackMethods: Object.a: option "nested" must be 'join' or 'separate', got "no".`),
    );
    expect(() => trackMethods('sdk' as unknown as object, {})).toThrow(
      new TypeError('trackMethods: the first argument must be an object, got "sdk".'),
    );
  });

  it.each<[string, () => { a(): string }]>([
    ['is sealed', () => Object.seal({ a: () => 'hi' })],
    [
      'has it read-only',
      () => Object.defineProperty({} as { a(): string }, 'a', { value: () => 'hi', configurable: true }),
    ],
    ['inherits it', () => Object.create({ a: () => 'hi' })],
    ['is a function', () => Object.assign(() => {}, { a: () => 'hi' })],
  ])('tracks a method of what %s', async (_how, make) => {
    const router = make();
    const before = Object.getOwnPropertyDescriptor(router, 'a');
    expect(trackMethods(router, { a: 'chat' }).a()).toBe('hi');
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'chat', count: 1 }]);
    if (before) {
      expect(Object.getOwnPropertyDescriptor(router, 'a')).toEqual({ ...before, value: expect.any(Function) });
    }
  });

  it('leaves what it inherits as it was for others', async () => {
    const base = { a: () => 'hi' };
    trackMethods(Object.create(base) as typeof base, { a: 'chat' }).a();
    base.a();
    expect(await requests(tracker)).toMatchObject([{ count: 1 }]);
  });

  it('tracks what is named by a symbol, and nothing that the plan leaves undefined', async () => {
    const chat = Symbol('chatCompletion');
    const router = { [chat]: () => 'hi', other: () => 'ho' };
    trackMethods(router, { [chat]: {}, other: undefined });
    expect([router[chat](), router.other()]).toEqual(['hi', 'ho']);
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('changes nothing if one member of the plan is refused', () => {
    const router = { a: () => 1, b: 2 };
    const { a } = router;
    expect(() => trackMethods(router, { a: 'a', b: 'b' } as object)).toThrow();
    expect(router.a).toBe(a);
  });
});

describe('the members of a tracker', () => {
  it('record with its settings, taken off it', async () => {
    const own = createTestTracker({ provider: 'acme', replaceDefault: false });
    const { TrackInference: Track, trackInference: wrap, trackMethods: patch } = own;
    class Router {
      @Track()
      chat(): void {}
    }
    new Router().chat();
    wrap(function embed() {})();
    patch({ rank() {} }, { rank: 'rerank' }).rank();
    expect(await requests(own)).toEqual(
      ['chat', 'embed', 'rerank'].map((endpoint_type) => {
        return { provider: 'acme', endpoint_type, stream: false, status: 'success', count: 1 };
      }),
    );
    expect(await requests(tracker)).toEqual([]);
    // biome-ignore lint/suspicious/noExplicitAny: misuse.
    expect(() => (Track as any)(() => {})).toThrow(/without parentheses/);
    // biome-ignore lint/suspicious/noExplicitAny: misuse.
    expect(() => (Track as any)({}, 'chat')).toThrow(/without parentheses/);
    await own.dispose();
  });
});

describe('a tracked function', () => {
  const options = Symbol.for('track-inference.options');

  it('has the name, length and own properties of what it wraps', () => {
    const original = Object.assign(function chat(_a: number, _b: number) {}, { tag: { deep: 1 } });
    const wrapped = trackInference(original, 'chat_completion');
    expect(wrapped.name).toBe('chat');
    expect(wrapped.length).toBe(2);
    expect((wrapped as typeof original).tag).toBe(original.tag);
  });

  it('publishes its options', () => {
    const wrapped = trackInference(function chat() {}, { endpointType: 'chat_completion', provider: 'acme' });
    expect((wrapped as unknown as Record<symbol, unknown>)[options]).toEqual({
      endpointType: 'chat_completion',
      provider: 'acme',
    });
    expect(Object.keys(wrapped)).toEqual([]);
  });

  it('is no constructor, like the method it wraps', () => {
    const wrapped = trackInference(() => {}) as unknown as new () => unknown;
    expect(() => new wrapped()).toThrow(TypeError);
  });
});
