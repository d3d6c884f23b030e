import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './support/dashboard-file.js';

const FOLDER = join(ROOT, 'observability');
const read = (path: string) => parse(readFileSync(join(FOLDER, path), 'utf8'));

// Neither Docker nor a collector runs here: these check what can be checked without them.
describe('the collector configuration', () => {
  const collector = read('otel-collector.yaml') as Record<string, Record<string, never>>;
  const pipeline = (collector['service'] as unknown as { pipelines: { metrics: Record<string, string[]> } }).pipelines
    .metrics;

  it.each(['receivers', 'processors', 'exporters'])('defines the %s of its pipeline, and no others', (kind) => {
    expect(Object.keys(collector[kind] ?? {})).toEqual(pipeline[kind]);
  });

  it('does not double the prefix, and keeps processes apart', () => {
    expect(collector['exporters']?.['prometheus']).not.toHaveProperty('namespace');
    expect(collector['exporters']?.['prometheus']).toMatchObject({
      resource_to_telemetry_conversion: { enabled: true },
    });
  });
});

describe('the compose file', () => {
  const { services, volumes } = read('compose.yaml') as {
    services: Record<string, { volumes?: string[]; depends_on?: string[]; image: string; ports?: string[] }>;
    volumes: Record<string, object>;
  };

  it('mounts what is there', () => {
    const sources = Object.values(services).flatMap(
      (service) => service.volumes?.map((v) => v.split(':')[0] ?? '') ?? [],
    );
    const isThere = (source: string) => source in volumes || existsSync(join(FOLDER, source));
    expect(sources.filter((source) => !isThere(source))).toEqual([]);
    expect(sources.length).toBeGreaterThan(5);
  });

  it('pins every image, and opens ports to this machine alone', () => {
    for (const { image, ports = [] } of Object.values(services)) {
      expect(image).toMatch(/:v?\d/);
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('knows the services that its services and their configurations name', () => {
    expect(Object.values(services).flatMap(({ depends_on = [] }) => depends_on)).toEqual(['otel-collector', 'gateway']);
    const { scrape_configs } = read('prometheus/prometheus.yml') as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = scrape_configs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    const { datasources } = read('grafana/provisioning/datasources/prometheus.yaml') as {
      datasources: { url: string }[];
    };
    const hosts = [
      ...targets.map((target) => target.split(':')[0]),
      ...datasources.map(({ url }) => new URL(url).hostname),
    ];
    expect(hosts.filter((host) => !(host && host in services))).toEqual([]);
  });
});
