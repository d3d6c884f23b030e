import { destinations, milliseconds, otlpEndpoint, processEnvironment } from '../../lib/start/environment.js';

function chosen(options: Parameters<typeof destinations>[0], env: Record<string, string>) {
  const lines: string[] = [];
  const { prometheus, otlp } = destinations(options, env, (line) => lines.push(line));
  return { prometheus, otlp, lines };
}

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const none = { prometheus: undefined, otlp: undefined, lines: [] };
const bothOn = { prometheus: {}, otlp: {}, lines: [] };

describe('destinations', () => {
  it.each<[object, Record<string, string>, object]>([
    [{}, {}, none],
    [{}, { OTEL_METRICS_EXPORTER: 'prometheus' }, { ...none, prometheus: {} }],
    [{}, { OTEL_METRICS_EXPORTER: 'otlp' }, { ...none, otlp: {} }],
    [{}, { OTEL_METRICS_EXPORTER: ' otlp , prometheus ' }, bothOn],
    [{}, { OTEL_METRICS_EXPORTER: 'otlp,none' }, none],
    [{}, { OTEL_METRICS_EXPORTER: 'none,prometheus' }, none],
    [{}, ENDPOINT, { ...none, otlp: {} }],
    [{}, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector' }, { ...none, otlp: {} }],
    [{}, { ...ENDPOINT, OTEL_METRICS_EXPORTER: 'none' }, none],
    [{}, { ...ENDPOINT, OTEL_METRICS_EXPORTER: ' , ' }, { ...none, otlp: {} }],
    [{ otlp: false }, ENDPOINT, none],
    [{ prometheus: true, otlp: true }, { OTEL_METRICS_EXPORTER: 'none' }, bothOn],
    [{ prometheus: { port: 0 } }, {}, { ...none, prometheus: { port: 0 } }],
    [
      { otlp: { url: 'u' } },
      { OTEL_METRICS_EXPORTER: 'prometheus' },
      { prometheus: {}, otlp: { url: 'u' }, lines: [] },
    ],
    [{ prometheus: true }, { OTEL_SDK_DISABLED: 'true' }, none],
    [{ prometheus: true }, { OTEL_SDK_DISABLED: ' TRUE ' }, none],
    [{ prometheus: true }, { OTEL_SDK_DISABLED: 'false' }, { ...none, prometheus: {} }],
  ])('of %j under %j', (options, env, expected) => {
    expect(chosen(options, env)).toEqual(expected);
  });

  it('names exporters that it does not know, and takes the others', () => {
    expect(chosen({}, { OTEL_METRICS_EXPORTER: 'console, otlp, zipkin' })).toEqual({
      ...none,
      otlp: {},
      lines: ['OTEL_METRICS_EXPORTER=console,zipkin is not known here: otlp, prometheus or none.'],
    });
  });
});

describe('otlpEndpoint', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' http://a ' }, 'http://a/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a/' }, 'http://a/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a/b/' }, 'http://a/b/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ' http://b/own ' }, 'http://b/own'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ' ', ...ENDPOINT }, 'http://collector:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://b/own', ...ENDPOINT }, 'http://b/own'],
  ])('under %j', (env, expected) => {
    expect(otlpEndpoint(env)).toBe(expected);
  });
});

describe('milliseconds', () => {
  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['', undefined],
    [' ', undefined],
    ['soon', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['Infinity', undefined],
    [' 250 ', 250],
    ['0.5', 0.5],
  ])('of %p', (value, expected) => {
    expect(milliseconds({ INTERVAL: value }, 'INTERVAL')).toBe(expected);
  });
});

describe('processEnvironment', () => {
  it("is the process's, or empty where there is no process", () => {
    expect(processEnvironment()).toBe(process.env);
    const { process: kept } = globalThis;
    try {
      for (const process of [undefined, {}]) {
        Object.assign(globalThis, { process });
        expect(processEnvironment()).toEqual({});
      }
    } finally {
      Object.assign(globalThis, { process: kept });
    }
  });
});
