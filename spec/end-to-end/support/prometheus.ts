import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { query, type Sample } from './promql-client.js';
import { freePort, ServerProcess, temporaryFolder } from './server-process.js';

export interface PrometheusOptions {
  /** Ports on 127.0.0.1 to scrape, four times a second. */
  readonly scrape?: readonly number[];
  /** Rule files, as text; every group is evaluated each second, whatever it says. */
  readonly rules?: readonly string[];
  /** Scrapes a second time with this in front of every name, as a collector with a namespace would. */
  readonly prefix?: string;
}

export interface MetricsServer {
  readonly url: string;
  query(expression: string): Promise<Sample[]>;
  stop(): Promise<void>;
}

/** Starts a Prometheus that scrapes, takes remote writes and evaluates rules each second. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<MetricsServer> {
  const [folder, port] = await Promise.all([temporaryFolder(), freePort()]);
  const config = join(folder, 'prometheus.yml');
  const ruleFiles = (options.rules ?? []).map((_, index) => join(folder, `${index}.rules.yml`));
  await Promise.all(
    ruleFiles.map((file, index) =>
      writeFile(file, options.rules?.[index]?.replace(/interval: .*/g, 'interval: 1s') ?? ''),
    ),
  );
  const targets = (options.scrape ?? []).map((target) => `127.0.0.1:${target}`);
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: [
        { job_name: 'gateway', static_configs: [{ targets }] },
        ...(options.prefix ? [prefixed(options.prefix, targets)] : []),
      ],
    }),
  );
  const server = new ServerProcess('prometheus', folder, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-remote-write-receiver',
    '--log.level=warn',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await server.ready(`${url}/-/ready`);
  return { url, query: (expression) => query(url, expression), stop: () => server.stop() };
}

function prefixed(prefix: string, targets: readonly string[]): object {
  const relabel = { source_labels: ['__name__'], regex: '(.+)', target_label: '__name__', replacement: `${prefix}$1` };
  return { job_name: 'prefixed', static_configs: [{ targets }], metric_relabel_configs: [relabel] };
}
