import { type PrometheusSample, parsePrometheusText } from '../../../../samples/gateway/traffic/prometheus-text.js';
import { until } from '../../../support/until.js';

const PREFIX = 'llama_stack_inference_';
const LABELS = ['model', 'provider', 'endpoint_type', 'stream', 'status'];
/** On durations of failed calls; counted together here. */
const ERROR_TYPE = 'error_type';

/** What GET /metrics of a gateway says, once every call has settled. */
export class Scrape {
  readonly #samples: readonly PrometheusSample[];

  constructor(samples: readonly PrometheusSample[]) {
    this.#samples = samples;
  }

  static async now(url: string): Promise<Scrape> {
    const response = await fetch(`${url}/metrics`);
    return new Scrape(parsePrometheusText(await response.text()));
  }

  /** Waits for the count of settled calls: a client that left has no answer that would tell it. */
  static async settled(url: string, calls: number): Promise<Scrape> {
    return until(`${calls} settled calls`, async () => {
      const scrape = await Scrape.now(url);
      const sum = Object.values(scrape.values('requests_total')).reduce((total, value) => total + value, 0);
      return sum >= calls && scrape;
    });
  }

  /** The values of a metric that are not 0, by the values of their labels, a missing one as `-`. */
  values(metric: string): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { name, labels, value } of this.#samples) {
      if (name !== PREFIX + metric || value === 0) continue;
      const strange = Object.keys(labels).filter((label) => label !== ERROR_TYPE && !LABELS.includes(label));
      if (strange.length > 0) throw new Error(`${name} has labels that nobody knows: ${strange.join(', ')}`);
      const key = LABELS.map((label) => labels[label] ?? '-').join(' ');
      found[key] = (found[key] ?? 0) + value;
    }
    return found;
  }

  get metricNames(): string[] {
    return [...new Set(this.#samples.map(({ name }) => name))];
  }
}
