import { checkStartOptions } from '../../lib/start/start-options.js';

describe('the options of startInferenceMetrics', () => {
  it.each<[object]>([
    [{}],
    [{ prometheus: true, otlp: false, producer: true, global: false, tracker: {}, serviceName: 'gateway' }],
    [{ prometheus: {}, otlp: {}, tracker: false, resource: {}, views: [], log() {} }],
    [{ prometheus: undefined, serviceName: undefined }],
  ])('may be %j', (options) => {
    expect(() => checkStartOptions(options)).not.toThrow();
  });

  it.each<[string, unknown, string]>([
    ['prometheus', 9464, 'number'],
    ['prometheus', null, 'object'],
    ['otlp', 'http://a', 'string'],
    ['producer', 1, 'number'],
    ['global', 'yes', 'string'],
    ['tracker', true, 'boolean'],
    ['tracker', null, 'object'],
    ['serviceName', '', 'string'],
    ['serviceName', 7, 'number'],
    ['resource', 'a=b', 'string'],
    ['views', {}, 'object'],
    ['log', 'stderr', 'string'],
  ])('are refused for %s: %p', (option, value, kind) => {
    expect(() => checkStartOptions({ [option]: value })).toThrow(
      new TypeError(`startInferenceMetrics: option "${option}" has a value of the wrong kind (${kind}).`),
    );
  });

  it.each(['port', 'constructor'])('are refused for the unknown "%s", which names those there are', (unknown) => {
    expect(() => checkStartOptions({ [unknown]: 1 })).toThrow(
      new TypeError(
        `startInferenceMetrics: unknown option "${unknown}"; the options are prometheus, otlp, producer, global, tracker, serviceName, resource, views, log.`,
      ),
    );
  });

  it.each([[null], [7], ['prometheus']])('are refused where they are %p', (options) => {
    expect(() => checkStartOptions(options)).toThrow(
      new TypeError('startInferenceMetrics: options must be an object.'),
    );
  });
});
