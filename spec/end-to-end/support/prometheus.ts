import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { query, type Sample } from './promql-client.js';
import { freePort, ServerProcess, temporaryFolder } from './server-process.js';

export interface PrometheusOptions {
  /** Ports on 127.0.0.1 to scrape, four times a second. */
  readonly scrape?: readonly number[];
  /** Rule files, by absolute path. */
  readonly ruleFiles?: readonly string[];
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
  const targets = (options.scrape ?? []).map((target) => `127.0.0.1:${target}`);
  await writeFile(
    config,
    stringify({
      global: { scrape_interval: '250ms', scrape_timeout: '250ms', evaluation_interval: '1s' },
      rule_files: options.ruleFiles ?? [],
      scrape_configs: targets.length > 0 ? [{ job_name: 'gateway', static_configs: [{ targets }] }] : [],
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
