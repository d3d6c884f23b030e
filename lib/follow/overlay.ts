/**
 * Puts our methods in front of an object's own, on the same object, so that class, identity and private members stay.
 *
 * A frozen object cannot take them: then a new object that inherits from it does, and the original is left as it is.
 */
export function overlay<T extends object>(source: T, members: { readonly [key: PropertyKey]: unknown }): T {
  try {
    if (Object.isExtensible(source)) {
      define(source, members);
      return source;
    }
  } catch {
    // A member that cannot be redefined: inherit instead.
  }
  const heir = Object.create(source) as T;
  define(heir, members);
  return heir;
}

function define(target: object, members: { readonly [key: PropertyKey]: unknown }): void {
  for (const key of Reflect.ownKeys(members)) {
    Object.defineProperty(target, key, {
      value: members[key],
      writable: true,
      configurable: true,
      enumerable: Object.prototype.propertyIsEnumerable.call(target, key),
    });
  }
}
