import type { HistogramSeries, Series } from './instruments.js';

/** Where an expression is to run: a rule file knows no variables, a dashboard filters and may prefix by them. */
export interface Scope {
  /** In front of every metric name, for collectors that add a namespace. */
  readonly prefix: string;
  /** Label matchers of every selector, without braces. */
  readonly filter: string;
}

export type Labels = readonly string[];

/** Writes PromQL over the instruments, so that a rule and a panel that mean the same say the same. */
export class PromQL {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** A metric's name as it is here. */
  name(name: string): string {
    return this.#scope.prefix + name;
  }

  /** A selector: `name{matchers}`. */
  select(name: string, matchers = ''): string {
    const all = [matchers, this.#scope.filter].filter((part) => part !== '').join(',');
    return `${this.name(name)}${all === '' ? '' : `{${all}}`}`;
  }

  /** A series that a recording rule makes: `labels:name:operation`. The prefix stands in front of the metric's name. */
  recorded(labels: Labels, name: string, operation: string): string {
    const filter = this.#scope.filter === '' ? '' : `{${this.#scope.filter}}`;
    return `${labels.join('_')}:${this.name(name)}:${operation}${filter}`;
  }

  sum(by: Labels, expression: string): string {
    return by.length === 0 ? `sum(${expression})` : `sum by (${by.join(', ')}) (${expression})`;
  }

  rate(by: Labels, name: string, window: string, matchers = ''): string {
    return this.sum(by, `rate(${this.select(name, matchers)}[${window}])`);
  }

  gauge(by: Labels, series: Series): string {
    return this.sum(by, this.select(series.name));
  }

  quantile(q: number, by: Labels, histogram: HistogramSeries, window: string, matchers = ''): string {
    return `histogram_quantile(${q}, ${this.rate(['le', ...by], histogram.bucket, window, matchers)})`;
  }

  mean(by: Labels, histogram: HistogramSeries, window: string, matchers = ''): string {
    return this.share(this.rate(by, histogram.sum, window, matchers), this.rate(by, histogram.count, window, matchers));
  }

  /** The share of records at or below a bucket's edge. */
  within(edge: number, by: Labels, histogram: HistogramSeries, window: string, matchers = ''): string {
    return this.share(
      this.rate(by, histogram.bucket, window, joined(`le="${edgeLabel(edge, histogram)}"`, matchers)),
      this.rate(by, histogram.count, window, matchers),
    );
  }

  /** A quotient that has no value, instead of NaN, where nothing happened. */
  share(part: string, whole: string): string {
    return `${part} / (${whole} > 0)`;
  }
}

function joined(...matchers: string[]): string {
  return matchers.filter((matcher) => matcher !== '').join(',');
}

/** Whole edges are written `1` by one route and `1.0` by another; a rule can name only a fractional one. */
function edgeLabel(edge: number, histogram: HistogramSeries): string {
  if (!histogram.boundaries.includes(edge)) throw new Error(`${edge} is no bucket edge of ${histogram.name}.`);
  if (Number.isInteger(edge)) throw new Error(`${edge} is a whole edge, which routes spell in different ways.`);
  return String(edge);
}
