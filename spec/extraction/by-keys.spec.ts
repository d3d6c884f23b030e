import { ByKeys } from '../../lib/extraction/by-keys.js';

describe('ByKeys', () => {
  it('makes a thing once for objects with the same keys', () => {
    let made = 0;
    const byKeys = new ByKeys((keys) => `${++made}: ${keys?.join(' ')}`);
    const [a, b] = [byKeys.get({ x: 1, y: 2 }), byKeys.get({ z: 1 })];

    expect(byKeys.get({ x: 3, y: 4 })).toBe(a);
    expect(byKeys.get({ z: 5 })).toBe(b);
    expect(a).toMatch(/: x y$/);
  });

  it('tells an object from one that has its keys and more', () => {
    const byKeys = new ByKeys((keys) => keys?.join(' '));

    expect([byKeys.get({}), byKeys.get({ x: 1, y: 2 }), byKeys.get({ x: 1 })]).toEqual(['', 'x y', 'x']);
  });

  it('goes by as many as 50 keys', () => {
    const object = Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`k${key}`, 1]));

    expect(new ByKeys((keys) => keys?.length).get(object)).toBe(50);
  });

  it.each([
    ['a class, which may inherit more than its own keys', new (class Reply {})()],
    ['no prototype', Object.create(null)],
    ['so many keys that it is a map', Object.fromEntries(Array.from({ length: 51 }, (_, key) => [`k${key}`, 1]))],
  ])('does not go by the keys of an object with %s', (_what, object) => {
    expect(new ByKeys((keys) => keys === undefined).get(object)).toBe(true);
  });

  it('stops remembering when somebody makes up keys', () => {
    let made = 0;
    const byKeys = new ByKeys(() => ++made);
    for (let key = 0; key < 1000; key++) byKeys.get({ [`k${key}`]: 1 });
    const before = made;

    byKeys.get({ k0: 1 });
    byKeys.get({ k99: 1 });
    expect(made).toBe(before);
    byKeys.get({ k100: 1 });
    expect(made).toBe(before + 1);
  });
});
