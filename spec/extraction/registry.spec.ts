import { diag } from '@opentelemetry/api';
import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { TokenExtractorRegistry } from '../../lib/extraction/registry.js';
import type { TokenExtractor } from '../../lib/extraction/token-extractor.js';
import { heardWarnings } from '../support/warnings.js';

interface AcmeReply {
  readonly acme: { readonly read: number; readonly written: number };
}

const acme: TokenExtractor<AcmeReply> = {
  name: 'acme.chat',
  recognizes: (value): value is AcmeReply => typeof value === 'object' && value !== null && 'acme' in value,
  usage: ({ acme: { read, written } }) => ({ inputTokens: read, outputTokens: written }),
};

const reply = { acme: { read: 3, written: 4 } };

describe('TokenExtractorRegistry', () => {
  it('begins empty, or with the extractors it is given', () => {
    expect(new TokenExtractorRegistry().recognize(reply)).toBeUndefined();
    expect(new TokenExtractorRegistry([acme]).recognize(reply)).toBe(acme);
  });

  it('reads a shape of the user, and adds the total where both parts are stated', () => {
    const registry = new TokenExtractorRegistry();
    registry.register(acme);

    expect(registry.extract(reply)).toEqual({ inputTokens: 3, outputTokens: 4, totalTokens: 7 });
  });

  it('takes an extractor out again, once however often it is asked', () => {
    const registry = new TokenExtractorRegistry();
    const stays = { ...acme };
    registry.register(stays);
    const remove = registry.register(acme);
    expect(registry.recognize(reply)).toBe(acme);

    remove();
    remove();

    expect(registry.recognize(reply)).toBe(stays);
  });

  it('takes out the registration, not the extractor, which may be there twice', () => {
    const registry = new TokenExtractorRegistry([acme]);
    registry.register(acme)();

    expect(registry.get('acme.chat')).toBe(acme);
  });

  it('asks a new extractor before those that are there, unless it is put last', () => {
    const [early, late] = [{ ...acme }, { ...acme }];
    const registry = new TokenExtractorRegistry([acme]);

    registry.register(late, 'last');
    expect(registry.recognize(reply)).toBe(acme);
    registry.register(early);
    expect(registry.recognize(reply)).toBe(early);
    expect(registry.get('acme.chat')).toBe(early);
  });

  it.each([
    ['nothing', undefined, 'needs a name'],
    ['no name', { ...acme, name: '' }, 'needs a name'],
    ['no recognizes', { ...acme, recognizes: undefined }, 'lacks recognizes(value)'],
    ['no usage', { name: 'acme.chat', recognizes: () => true }, '"acme.chat" lacks usage(value)'],
    ['a member that is no function', { ...acme, hasOutput: true }, 'hasOutput of extractor "acme.chat"'],
  ])('refuses an extractor with %s and says what to do', (_what, extractor, message) => {
    const registry = new TokenExtractorRegistry();

    expect(() => registry.register(extractor as unknown as TokenExtractor)).toThrow(TypeError);
    expect(() => registry.register(extractor as unknown as TokenExtractor)).toThrow(message);
  });

  it('refuses a position it does not know', () => {
    expect(() => new TokenExtractorRegistry().register(acme, 'before' as 'first')).toThrow("'first' or 'last'");
  });

  it('goes on to the next extractor when one throws', () => {
    const broken: TokenExtractor = {
      ...acme,
      name: 'broken',
      recognizes: (value): value is AcmeReply => {
        throw new Error(`broken on purpose: ${typeof value}`);
      },
    };

    expect(new TokenExtractorRegistry([broken, acme]).recognize(reply)).toBe(acme);
  });

  it.each(['decode', 'recognizes'] as const)(
    'reports an extractor whose %s throws, by its name and the member',
    (member) => {
      const fails = () => {
        throw new Error('on purpose');
      };
      const broken = { ...acme, name: `search-${member}`, [member]: fails } as TokenExtractor;

      const warnings = heardWarnings();
      const found = new TokenExtractorRegistry([broken]).recognize(reply);
      diag.disable();

      expect(found).toBeUndefined();
      expect(warnings).toEqual([`track-inference: extractor search-${member}.${member}: on purpose`]);
    },
  );

  it('says of a recorded stream who reads it, what it states and where its output begins', () => {
    const registry = new TokenExtractorRegistry([
      { ...acme, hasOutput: (value) => (value as AcmeReply).acme.written > 0 },
    ]);
    const silent = { acme: { read: 3, written: 0 } };

    expect(registry.extractStream([silent, silent, reply, reply])).toStrictEqual({
      usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
      firstOutputIndex: 2,
      extractor: 'acme.chat',
    });
  });

  it('says nothing of a stream that was left before its output, but who reads it', () => {
    const registry = new TokenExtractorRegistry([{ ...acme, usage: () => undefined, hasOutput: () => false }]);

    expect(registry.extractStream([reply])).toStrictEqual({ extractor: 'acme.chat' });
  });

  it('states nothing for what nobody recognises', () => {
    expect(tokenExtractors.extract({ hello: 'world' })).toBeUndefined();
    expect(tokenExtractors.extractStream(['a', 'b'])).toStrictEqual({ firstOutputIndex: 0 });
    expect(tokenExtractors.extractStream([])).toStrictEqual({});
  });
});

describe('tokenExtractors', () => {
  it('is one registry for all copies of the package in a process', () => {
    const shared = Reflect.get(globalThis, Symbol.for('track-inference.extractors.v1'));

    expect(shared).toBe(tokenExtractors);
  });

  it('takes a shape of the user and forgets it again', () => {
    const remove = tokenExtractors.register(acme);
    expect(tokenExtractors.extract(reply)).toEqual({ inputTokens: 3, outputTokens: 4, totalTokens: 7 });

    remove();
    expect(tokenExtractors.extract(reply)).toBeUndefined();
  });
});
