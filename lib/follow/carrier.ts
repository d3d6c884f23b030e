import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';

type Carrier = { readonly [field: string]: object };

/**
 * Where a stream lies in an object that is none: Bedrock's ConverseStream and the provider level of the Vercel AI SDK,
 * Bedrock's InvokeModelWithResponseStream, the results of `streamText` and `streamObject`, `withResponse()` and axios.
 */
const FIELDS = ['stream', 'body', 'baseStream', 'data'] as const;

/** Objects that carry a stream in one of their own fields: it is followed, and they stay what they are. */
export const carrier: ReturnKind<Carrier> = {
  recognizes(value): value is Carrier {
    return carryingField(value) !== undefined;
  },
  follow(value, { observer, follow }) {
    const field = carryingField(value) as string;
    const stream = value[field] as object;
    const followed = follow(stream, observer);
    return followed === stream ? value : overlay(value, { [field]: followed });
  },
};

/** Whether an object has any of the names: most have none, and asking for a name that is written out is cheaper. */
export function mayCarry(value: object): boolean {
  return 'stream' in value || 'body' in value || 'data' in value || 'baseStream' in value;
}

/** Own fields alone: behind an inherited name may be a getter that starts something. */
function carryingField(value: object): string | undefined {
  if (!mayCarry(value)) return undefined;
  return FIELDS.find((field) => Object.hasOwn(value, field) && isStream((value as Carrier)[field]));
}

function isStream(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || typeof (value as { getReader?: unknown }).getReader === 'function')
  );
}
