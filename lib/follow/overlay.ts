type Members = { readonly [key: PropertyKey]: unknown };

/** Members that many objects get, as they are defined on each. */
export type SharedMembers = readonly (readonly [key: PropertyKey, descriptor: PropertyDescriptor])[];

const NONE: SharedMembers = [];

/** Describes members once for all objects that get them: to describe them takes longer than to define them. */
export function sharedMembers(members: Members): SharedMembers {
  return Reflect.ownKeys(members).map((key) => [key, hidden(members[key])]);
}

/**
 * Puts our methods in front of an object's own, on the same object, so that class, identity and private members stay.
 *
 * An object that cannot take them, as a frozen one, is left as it is: a new object that inherits from it does.
 */
export function overlay<T extends object>(source: T, members: Members, shared: SharedMembers = NONE): T {
  const own = sharedMembers(members);
  try {
    if (Object.isExtensible(source) && takes(source, own) && takes(source, shared)) {
      return define(define(source, own), shared);
    }
  } catch {
    // An exotic object that refuses: inherit instead.
  }
  return define(define(Object.create(source) as T, own), shared);
}

/** Whether an object can take members, all of them: half of them would leave it in two minds. */
function takes(source: object, members: SharedMembers): boolean {
  for (const [key] of members) {
    if (Object.hasOwn(source, key) && Object.getOwnPropertyDescriptor(source, key)?.configurable === false)
      return false;
  }
  return true;
}

function define<T extends object>(target: T, members: SharedMembers): T {
  for (const [key, descriptor] of members) {
    const isEnumerable = Object.hasOwn(target, key) && Object.prototype.propertyIsEnumerable.call(target, key);
    Object.defineProperty(target, key, isEnumerable ? { ...descriptor, enumerable: true } : descriptor);
  }
  return target;
}

function hidden(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: false };
}
