type Members = { readonly [key: PropertyKey]: unknown };

/**
 * Puts our methods in front of an object's own, on the same object, so that class, identity and private members stay.
 *
 * An object that cannot take them, as a frozen one, is left as it is: a new object that inherits from it does.
 */
export function overlay<T extends object>(source: T, members: Members): T {
  try {
    if (takes(source, members)) return define(source, members);
  } catch {
    // An exotic object that refuses: inherit instead.
  }
  return define(Object.create(source) as T, members);
}

/** Whether an object can take members, all of them: half of them would leave it in two minds. */
function takes(source: object, members: Members): boolean {
  return (
    Object.isExtensible(source) &&
    Reflect.ownKeys(members).every((key) => Object.getOwnPropertyDescriptor(source, key)?.configurable !== false)
  );
}

function define<T extends object>(target: T, members: Members): T {
  for (const key of Reflect.ownKeys(members)) {
    Object.defineProperty(target, key, {
      value: members[key],
      writable: true,
      configurable: true,
      enumerable: Object.prototype.propertyIsEnumerable.call(target, key),
    });
  }
  return target;
}
