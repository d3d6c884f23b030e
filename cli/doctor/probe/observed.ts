/** What the probe saw in the process of an entry file; travels as JSON. */
export interface Observed {
  readonly entry: EntryOutcome;
  /** Thrown outside of the entry's own evaluation, as by a server whose port is taken. */
  readonly laterErrors: readonly string[];
  /** track-inference could not be loaded. */
  readonly loadError?: string;
  /** The copy of the API that track-inference uses. */
  readonly apiVersion?: string;
  readonly apiGlobals: readonly ApiGlobal[];
  readonly provider?: ObservedProvider;
  readonly readers: readonly ObservedReader[];
  /** The metrics that one streamed call records, and the buckets that the package advises. */
  readonly expected: readonly ExpectedMetric[];
}

export type EntryOutcome =
  | { readonly state: 'loaded' | 'none' }
  /** Its top-level await was still waiting. */
  | { readonly state: 'pending'; readonly seconds: number }
  | { readonly state: 'failed'; readonly error: string; readonly code?: string };

/** What all copies of one major version of the API share. */
interface ApiGlobal {
  /** Of the copy that registered something first. */
  readonly version: string;
  /** Such as trace, context, metrics. */
  readonly registered: readonly string[];
}

interface ObservedProvider {
  readonly className: string;
  readonly source: 'global' | 'tracker options';
  /** After the entry had run; 0 if it was there at once. */
  readonly lateMilliseconds: number;
  readonly isShutDown: boolean;
  /** Not the official SDK's, so that its readers cannot be seen. */
  readonly isForeign: boolean;
}

export interface ObservedReader {
  readonly className: string;
  readonly exporter?: string;
  readonly url?: string;
  readonly intervalMilliseconds?: number;
  /** Numbers of the metric producers it collects from, the same number for the same producer. */
  readonly producers: readonly number[];
  readonly error?: string;
  /** What arrived of the self-test's one call. */
  readonly metrics: readonly ObservedMetric[];
}

export interface ObservedMetric {
  readonly name: string;
  readonly kind: 'histogram' | 'exponential histogram' | 'sum' | 'other';
  readonly temporality: 'delta' | 'cumulative';
  readonly boundaries?: readonly number[];
  readonly attributes: readonly string[];
}

export interface ExpectedMetric {
  readonly name: string;
  readonly boundaries?: readonly number[];
}

/** What the probe is told; the one argument of its process, as JSON. */
export interface ProbeOrder {
  readonly project: string;
  readonly entry?: string;
  readonly timeoutMilliseconds: number;
}
