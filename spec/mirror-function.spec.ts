import { trackInference } from 'track-inference';

const names = ['getOwnMetadataKeys', 'getOwnMetadata', 'defineMetadata'] as const;
const reflect = Reflect as { [name in (typeof names)[number]]?: unknown };

describe('a tracked function', () => {
  it('has every own property as it was, hidden and symbolic ones too', () => {
    const symbol = Symbol('tag');
    const chat = Object.defineProperties(function chat(_a: number) {}, {
      hidden: { value: 1, enumerable: false, configurable: true },
      [symbol]: { get: () => 'tagged', enumerable: true, configurable: true },
      name: { value: 'renamed', configurable: true },
    });
    const tracked = trackInference(chat);
    for (const key of Reflect.ownKeys(chat)) {
      expect(Object.getOwnPropertyDescriptor(tracked, key)).toEqual(Object.getOwnPropertyDescriptor(chat, key));
    }
    expect(tracked.name).toBe('renamed');
  });

  it('carries its options out of sight, where a tool can replace them', () => {
    const tracked = trackInference(() => {}, 'chat');
    expect(Object.getOwnPropertyDescriptor(tracked, Symbol.for('track-inference.options'))).toEqual({
      value: { endpointType: 'chat' },
      configurable: true,
      enumerable: false,
      writable: false,
    });
  });

  describe('where Reflect has not all that metadata takes', () => {
    let kept: (readonly [name: (typeof names)[number], value: unknown])[];
    beforeEach(() => {
      kept = names.map((name) => [name, reflect[name]]);
    });
    afterEach(() => {
      for (const [name, value] of kept) {
        if (value === undefined) delete reflect[name];
        else reflect[name] = value;
      }
    });

    it.each([...names.map((name) => [name]), [...names]])('does without: %s %s %s', (...missing) => {
      const defined: unknown[] = [];
      reflect.getOwnMetadataKeys = () => ['guard'];
      reflect.getOwnMetadata = () => 'admin';
      reflect.defineMetadata = (key: unknown, value: unknown) => defined.push([key, value]);
      for (const name of missing) delete reflect[name as (typeof names)[number]];
      expect(trackInference(() => 'answer', 'chat')()).toBe('answer');
      expect(defined).toEqual([]);
    });

    it('passes on what there is, and its options', () => {
      const defined: unknown[] = [];
      reflect.getOwnMetadataKeys = () => ['guard'];
      reflect.getOwnMetadata = (key: string) => `${key} of the original`;
      reflect.defineMetadata = (key: unknown, value: unknown) => defined.push([key, value]);
      trackInference(() => {}, 'chat');
      expect(defined).toEqual([
        ['guard', 'guard of the original'],
        ['track-inference:options', { endpointType: 'chat' }],
      ]);
    });
  });
});
