/** What one run of the bench found. */
export interface Results {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  /** A short run says only that the bench works. */
  readonly short: boolean;
  readonly rounds: number;
  readonly versions: Readonly<Record<string, string>>;
  /** Bytes of each entry point, bundled, minified and gzipped. */
  readonly sizes: Readonly<Record<string, { readonly minified: number; readonly gzipped: number }>>;
  /** Medians over the rounds, by case and figure. */
  readonly cases: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
