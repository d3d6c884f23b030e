import { warnOnce } from '../diagnostics.js';
import type { TokenExtractorRegistry } from '../extraction/registry.js';
import type { TokenExtractor } from '../extraction/token-extractor.js';
import type { AnyMethod, TrackInferenceOptions } from '../options.js';
import { isThenable } from '../thenable.js';
import { type AbortSignalLike, findSignal } from './cancellation.js';

type Select = (this: unknown, ...args: unknown[]) => unknown;

/** The options of one tracked method, looked at once, when it is decorated. */
export class MethodPlan {
  /** The method in messages, as in `Router.chatCompletion`. */
  readonly where: string;
  readonly joinsOuter: boolean;
  /** Whether the option `usage` is asked about what comes back. */
  readonly asksForUsage: boolean;
  /** Whether the method's own body runs while its result is consumed. */
  readonly isGenerator: boolean;
  /** Whether the method is an async function: what it returns is a promise that nobody else has seen. */
  readonly isAsync: boolean;
  /** Whether the model that a response names counts where the request named none. */
  readonly takesModelFromResponse: boolean;
  /** Whether `stream` was stated by the options, rather than read from the request. */
  readonly statesStream: boolean;
  readonly #options: TrackInferenceOptions;
  readonly #endpointType: unknown;

  constructor(options: TrackInferenceOptions, method: AnyMethod, name: string, where: string) {
    this.where = where;
    this.#options = options;
    this.#endpointType = options.endpointType ?? snakeCase(name);
    this.joinsOuter = options.nested !== 'separate';
    this.asksForUsage = options.usage !== undefined;
    const kind = Object.prototype.toString.call(method);
    this.isGenerator = /GeneratorFunction\]$/.test(kind);
    // By its source as well: a wrapper that mimics an async function has its kind, and may return anything.
    this.isAsync = kind === '[object AsyncFunction]' && /^async\b/.test(Function.prototype.toString.call(method));
    this.takesModelFromResponse = options.model === undefined;
    this.statesStream = options.stream !== undefined;
  }

  isEnabled(self: unknown, args: readonly unknown[]): boolean {
    return this.#options.enabled === undefined || this.#select('enabled', self, args) !== false;
  }

  endpointType(self: unknown, args: readonly unknown[]): unknown {
    const stated = this.#endpointType;
    return typeof stated === 'function' ? this.#call('endpointType', stated as Select, self, args) : stated;
  }

  model(self: unknown, args: readonly unknown[]): unknown {
    return this.#options.model === undefined ? requested(args, 'model') : this.#select('model', self, args);
  }

  provider(self: unknown, args: readonly unknown[]): unknown {
    return this.#options.provider === undefined ? undefined : this.#select('provider', self, args);
  }

  stream(self: unknown, args: readonly unknown[]): boolean {
    return (this.statesStream ? this.#select('stream', self, args) : requested(args, 'stream')) === true;
  }

  signal(self: unknown, args: readonly unknown[]): AbortSignalLike | undefined {
    if (this.#options.signal !== undefined) {
      const selected = this.#select('signal', self, args);
      return typeof selected === 'object' && selected !== null ? (selected as AbortSignalLike) : undefined;
    }
    try {
      return findSignal(args);
    } catch {
      return undefined; // An argument that throws when looked at has no signal for us.
    }
  }

  attributes(self: unknown, args: readonly unknown[]): unknown {
    return this.#options.attributes === undefined ? undefined : this.#select('attributes', self, args);
  }

  /** What the option `usage` makes of a response or of a chunk. */
  usage(item: unknown): unknown {
    return this.#call('usage', this.#options.usage as Select, undefined, [item]);
  }

  /** The extractor that the method was given; undefined where it is to be found by the shape of what comes back. */
  extractorIn(registry: TokenExtractorRegistry): TokenExtractor | undefined {
    const { extractor } = this.#options;
    if (typeof extractor !== 'string') return extractor;
    const registered = registry.get(extractor);
    if (registered === undefined) warnOnce(this.where, `no extractor is registered as "${extractor}"`);
    return registered;
  }

  #select(option: keyof TrackInferenceOptions, self: unknown, args: readonly unknown[]): unknown {
    const stated = this.#options[option];
    return typeof stated === 'function' ? this.#call(option, stated as Select, self, args) : stated;
  }

  #call(option: string, select: Select, self: unknown, args: readonly unknown[]): unknown {
    try {
      const value = Reflect.apply(select, self, args);
      if (isThenable(value)) {
        warnOnce(`${this.where}: option "${option}"`, 'returned a promise; a selector must return its value at once');
        value.then(undefined, ignore);
        return undefined;
      }
      return value;
    } catch (error) {
      warnOnce(`${this.where}: option "${option}"`, error);
      return undefined;
    }
  }
}

function requested(args: readonly unknown[], field: 'model' | 'stream'): unknown {
  const request = args[0];
  if (typeof request !== 'object' || request === null) return undefined;
  try {
    return (request as Record<string, unknown>)[field];
  } catch {
    return undefined; // A getter or a Proxy that throws: the method itself will find out.
  }
}

function ignore(): void {}

/** `openaiChatCompletion` → `openai_chat_completion`, `HTTPCall` → `http_call`; undefined for a name without letters. */
function snakeCase(name: string): string | undefined {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return words === '' ? undefined : words.toLowerCase();
}
