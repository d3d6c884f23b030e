import { diag } from '@opentelemetry/api';
import { TrackInference, type TrackInferenceOptions } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { outcome, requests } from '../support/readings.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
let warnings: string[];
beforeEach(() => {
  tracker = createTestTracker();
  warnings = heardWarnings();
});
afterEach(async () => {
  diag.disable();
  await tracker.dispose();
});

const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('hands off');
    },
  },
);

/** The labels of one call with these options and arguments. */
async function labelsOf(options: TrackInferenceOptions, ...args: unknown[]): Promise<object[]> {
  tracker.trackInference((..._args: unknown[]) => undefined, { endpointType: 'e', ...options })(...args);
  return requests(tracker);
}
const labels = { endpoint_type: 'e', stream: false, status: 'success', count: 1 };

describe('the endpoint type', () => {
  it.each<[name: string, endpointType: string | undefined]>([
    ['chat', 'chat'],
    ['chatCompletion', 'chat_completion'],
    ['openaiChatCompletion', 'openai_chat_completion'],
    ['HTTPCall', 'http_call'],
    ['callHTTP', 'call_http'],
    ['callHTTPTwice', 'call_http_twice'],
    ['v2Chat', 'v2_chat'],
    ['chat2', 'chat2'],
    ['_private', 'private'],
    ['__veryPrivate__', 'very_private'],
    ['$chat$completion', 'chat_completion'],
    ['chat__completion', 'chat_completion'],
    ['snake_case', 'snake_case'],
    ['ALL_CAPS', 'all_caps'],
    ['chat.completion/v1', 'chat_completion_v1'],
    ['$', undefined],
  ])('of a method %s is %s', async (name, endpointType) => {
    const methods = { [name]: () => {} } as Record<string, () => void>;
    tracker.trackInference(methods[name] as () => void)();
    expect(await requests(tracker)).toEqual([
      { ...(endpointType && { endpoint_type: endpointType }), stream: false, status: 'success', count: 1 },
    ]);
  });

  it('is what the option selects of the arguments and of this', async () => {
    class Router {
      readonly kind = 'selected';
      @TrackInference({
        endpointType(this: unknown, suffix: string) {
          return `${(this as Router).kind}_${suffix}`;
        },
      })
      chat(_suffix: string): void {}
    }
    new Router().chat('kind');
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'selected_kind' }]);
  });
});

describe('what the request states', () => {
  it.each<[what: string, args: unknown[], expected: object]>([
    ['is its model and stream', [{ model: 'm', stream: true }], { ...labels, model: 'm', stream: true }],
    ['is no stream where that is merely truthy', [{ stream: 'yes' }], labels],
    ['is nothing where there is no request', [], labels],
    ['is nothing where it is null', [null], labels],
    ['is nothing where it is a text', ['text'], labels],
    ['is nothing in a second argument', [{}, { model: 'm', stream: true }], labels],
    ['is nothing where it throws when looked at', [hostile], labels],
  ])('%s', async (_, args, expected) => {
    expect(await labelsOf({}, ...args)).toEqual([expected]);
    expect(warnings).toEqual([]);
  });
});

describe('an option', () => {
  it.each<[what: string, options: TrackInferenceOptions, expected: object]>([
    [
      'may be stated',
      { model: 'm', provider: 'p', stream: true, attributes: { a: 1 } },
      { model: 'm', provider: 'p', stream: true, a: 1 },
    ],
    [
      'may be selected',
      { model: () => 'm', provider: () => 'p', stream: () => true, attributes: () => ({ a: 1 }) },
      { model: 'm', provider: 'p', stream: true, a: 1 },
    ],
    ['that states no stream goes before the request', { stream: false }, {}],
    ['that selects something merely truthy selects no stream', { stream: (() => 'yes') as never }, {}],
  ])('%s', async (_, options, expected) => {
    const request = options.model === undefined ? { stream: true } : { model: 'other', stream: false };
    expect(await labelsOf(options, request)).toEqual([{ ...labels, ...expected }]);
    expect(warnings).toEqual([]);
  });

  it.each(['endpointType', 'model', 'provider', 'stream', 'attributes', 'signal'] as const)(
    'called %s that throws, or returns a promise, is said by its name and not known',
    async (option) => {
      const failing = {
        [option]() {
          throw new Error('no answer');
        },
      };
      const late = { [option]: async () => 'late' };
      const refused = { [option]: () => Promise.reject(new Error('late and refused')) };
      const method = { [`${option}Of`]: () => {} } as Record<string, () => void>;
      for (const options of [failing, late, refused]) {
        tracker.trackInference(method[`${option}Of`] as () => void, { endpointType: 'e', ...options } as never)();
      }
      const { endpoint_type, ...rest } = labels;
      expect(await requests(tracker)).toEqual([
        { ...rest, ...(option !== 'endpointType' && { endpoint_type }), count: 3 },
      ]);
      expect(warnings).toEqual([
        expect.stringMatching(new RegExp(`: option "${option}": no answer$`)),
        expect.stringMatching(
          new RegExp(`: option "${option}": returned a promise; a selector must return its value at once$`),
        ),
      ]);
    },
  );

  it('called enabled leaves a call alone that it says no to, and no other', async () => {
    const ran: unknown[] = [];
    const track = (enabled: unknown) =>
      tracker.trackInference((...args: unknown[]) => void ran.push(args), { enabled } as never);
    track(false)(1);
    track(() => false)(2);
    expect(await requests(tracker)).toEqual([]);
    track(true)(3);
    track(() => undefined)(4);
    track((number: number) => number === 5)(5);
    track(() => {
      throw new Error('undecided');
    })(6);
    expect(ran).toEqual([[1], [2], [3], [4], [5], [6]]);
    expect(await requests(tracker)).toMatchObject([{ count: 4 }]);
  });

  it('called model that knows none leaves it unknown, whatever the response names', async () => {
    const response = { object: 'chat.completion', model: 'served-model', choices: [] };
    for (const options of [{ model: () => undefined }, {}]) {
      tracker.trackInference((_request: object) => response, { endpointType: 'e', ...options })({});
    }
    expect(await requests(tracker)).toEqual([labels, { ...labels, model: 'served-model' }]);
  });

  it('called extractor names one that is registered, or is one', async () => {
    const answer = { shape: 'own', tokens: 7 };
    const own = {
      name: 'own',
      recognizes: (value: unknown): value is typeof answer => value === answer,
      usage: ({ tokens }: typeof answer) => ({ totalTokens: tokens }),
    };
    const rate = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);
    const chat = (options: TrackInferenceOptions, response: unknown) =>
      tracker.trackInference(
        () => {
          tracker.clock.advance(1000);
          return response;
        },
        { endpointType: 'e', ...options },
      )();
    chat({ extractor: own }, answer);
    expect(await rate()).toEqual([7]);
    chat({ extractor: 'openai.chat' }, answer);
    expect(await rate()).toEqual([7]);
    expect(warnings).toEqual([]);
  });

  it('called signal is asked, and arguments are not searched then', async () => {
    const failing = (options: TrackInferenceOptions) =>
      tracker.trackInference((_request: object) => {
        throw new Error('socket hang up');
      }, options);
    const aborted = { signal: AbortSignal.abort() };
    expect(() => failing({ signal: () => undefined })(aborted)).toThrow('socket hang up');
    expect(await outcome(tracker)).toMatchObject({ status: 'error' });
  });

  it.each([null, 5, 'x'])('called signal that selects %p selects none', async (selected) => {
    const signal = (() => selected) as never;
    expect(await tracker.trackInference(async () => 'answer', { endpointType: 'e', signal })()).toBe('answer');
    expect(await requests(tracker)).toEqual([labels]);
  });

  it('called stream is the last word, where the method returns nothing of its own to tell', async () => {
    const stated = tracker.trackInference((_request: object) => ({ whole: true }), {
      endpointType: 'stated',
      stream: true,
    });
    stated({});
    const asked = tracker.trackInference((_request: object) => ({ whole: true }), { endpointType: 'asked' });
    asked({ stream: true });
    const written = tracker.trackInference((_request: object) => {}, { endpointType: 'written' });
    written({ stream: true });
    const nothing = tracker.trackInference((_request: object) => null, { endpointType: 'nothing' });
    nothing({ stream: true });
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'stated', stream: true },
      { endpoint_type: 'asked', stream: false },
      { endpoint_type: 'written', stream: true },
      { endpoint_type: 'nothing', stream: true },
    ]);
  });
});
