import { overlay, sharedMembers } from '../../lib/follow/overlay.js';

const ours = () => 'ours';
const describes = (object: object, key: PropertyKey) => Object.getOwnPropertyDescriptor(object, key);

describe('overlay', () => {
  it('puts members on the object itself, where only who asks for them finds them', () => {
    const source = { own: 1 };
    const followed = overlay(source, { next: ours }, sharedMembers({ return: ours }));
    expect(followed).toBe(source);
    const hidden = { value: ours, writable: true, configurable: true, enumerable: false };
    expect(describes(source, 'next')).toEqual(hidden);
    expect(describes(source, 'return')).toEqual(hidden);
    expect(Object.keys(source)).toEqual(['own']);
  });

  it('lists a member that was listed before, and no other', () => {
    const source = Object.defineProperty({ next: () => 'own' }, 'return', { value: () => 'own', configurable: true });
    overlay(source, { next: ours }, sharedMembers({ return: ours }));
    expect(Object.keys(source)).toEqual(['next']);
    expect([source.next(), (source as unknown as { return(): unknown }).return()]).toEqual(['ours', 'ours']);
  });

  it('leaves members that it inherits where they are', () => {
    class Stream {
      next() {
        return 'own';
      }
    }
    const source = new Stream();
    overlay(source, { next: ours });
    expect(source.next()).toBe('ours');
    expect(new Stream().next()).toBe('own');
    expect(Object.keys(source)).toEqual([]);
  });

  it.each<[what: string, make: () => object]>([
    ['frozen', () => Object.freeze({ next: () => 'own' })],
    ['not extensible', () => Object.preventExtensions({ next: () => 'own' })],
    ['of a member that cannot be replaced', () => Object.defineProperty({}, 'next', { value: () => 'own' })],
    [
      'of a shared member that cannot be replaced',
      () => Object.defineProperty({ next: () => 'own' }, 'return', { value: () => 'own' }),
    ],
    ['of a trap that refuses', () => new Proxy({ next: () => 'own' }, { defineProperty: () => false })],
    [
      'of a trap that throws',
      () =>
        new Proxy(
          { next: () => 'own' },
          {
            getOwnPropertyDescriptor() {
              throw new Error('hands off');
            },
          },
        ),
    ],
  ])('gives an heir of an object that is %s, and leaves that as it was', (_, make) => {
    const source = make() as { next(): unknown; return?(): unknown };
    const followed = overlay(source, { next: ours }, sharedMembers({ return: ours }));
    expect(followed).not.toBe(source);
    expect(Object.getPrototypeOf(followed)).toBe(source);
    expect([followed.next(), followed.return?.()]).toEqual(['ours', 'ours']);
    expect(source.next()).toBe('own');
    expect(source.return?.()).not.toBe('ours');
  });

  it('takes members by symbol, too', () => {
    const key = Symbol('ours');
    const followed = overlay({}, { [key]: 1 }, sharedMembers({ [Symbol.asyncIterator]: ours }));
    expect(followed).toMatchObject({ [key]: 1, [Symbol.asyncIterator]: ours });
  });
});
