import { LabelLimiter } from '../metrics/label-limits.js';

const OTHER_ERROR = '_OTHER';
/** Beside `_OTHER`; a class name can be made from anything. */
const MAX_TYPES = 199;
const CLASS_NAME = /^[A-Za-z_$][\w$.]{0,63}$/;

/** Names the kinds of errors of one tracker: few, bounded values, never a message. */
export class ErrorTypes {
  readonly #limiter = new LabelLimiter(MAX_TYPES, [], OTHER_ERROR);

  /** The HTTP status that the error carries, else the name of its class, else `_OTHER`. Never throws. */
  of(error: unknown): string {
    try {
      const name = httpStatus(error) ?? className(error);
      return name === undefined ? OTHER_ERROR : this.#limiter.admit(name);
    } catch {
      return OTHER_ERROR;
    }
  }
}

interface Statuses {
  status?: unknown;
  statusCode?: unknown;
  response?: { status?: unknown; statusCode?: unknown };
  $metadata?: { httpStatusCode?: unknown };
}

/** Where the SDKs put it: OpenAI and Anthropic `status`, Google and Nest likewise, AWS in `$metadata`, axios in `response`. */
function httpStatus(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, response, $metadata } = error as Statuses;
  for (const code of [status, statusCode, response?.status, response?.statusCode, $metadata?.httpStatusCode]) {
    if (Number.isInteger(code) && (code as number) >= 400 && (code as number) <= 599) return String(code);
  }
  return undefined;
}

function className(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { name, constructor: kind } = error as { name?: unknown; constructor?: { name?: unknown } };
  const own = name === 'Error' ? kind?.name : name;
  return typeof own === 'string' && CLASS_NAME.test(own) ? own : undefined;
}
