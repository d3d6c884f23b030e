import type { AnyMethod, TrackInferenceOptions } from './options.js';

/** Under this key a tracked function carries its options, so that tools can list the tracked methods. */
const OPTIONS_KEY = Symbol.for('track-inference.options');

interface MetadataReflect {
  getOwnMetadataKeys?(target: object): unknown[];
  getOwnMetadata?(key: unknown, target: object): unknown;
  defineMetadata?(key: unknown, value: unknown, target: object): void;
}

/** The options of a tracked function; undefined for one that is not tracked. */
export function trackedOptions(fn: unknown): TrackInferenceOptions | undefined {
  return typeof fn === 'function' ? (fn as unknown as Record<symbol, TrackInferenceOptions>)[OPTIONS_KEY] : undefined;
}

/**
 * Makes a wrapper pass for the function it wraps: name, length, own properties and every Reflect metadata key.
 *
 * The metadata is a matter of security: NestJS reads a route's guards off the function, and a wrapper without them
 * answers 200 where the method answered 403. `Reflect` is asked at the time of the decoration, so reflect-metadata may
 * be loaded before or after this library, or not at all.
 */
export function mirrorFunction(wrapper: AnyMethod, original: AnyMethod, options: TrackInferenceOptions): void {
  // The wrapper is a method: of its own it has a name and a length alone, and both can be redefined.
  Object.defineProperties(wrapper, Object.getOwnPropertyDescriptors(original));
  Object.defineProperty(wrapper, OPTIONS_KEY, { value: options, configurable: true });

  const { getOwnMetadataKeys, getOwnMetadata, defineMetadata } = Reflect as MetadataReflect;
  if (!getOwnMetadataKeys || !getOwnMetadata || !defineMetadata) return;
  for (const key of getOwnMetadataKeys(original)) defineMetadata(key, getOwnMetadata(key, original), wrapper);
  defineMetadata('track-inference:options', options, wrapper);
}
