import { type TrackInferenceOptions, tokenExtractors, trackInference } from 'track-inference';

const extractor = tokenExtractors.get('openai.chat');
const fn = () => undefined;

describe('the options of a method', () => {
  it.each<[TrackInferenceOptions]>(
    [
      { endpointType: 'chat', model: 'm', provider: 'p', stream: false, enabled: true, nested: 'join' },
      { endpointType: fn, model: fn, provider: fn, stream: fn, signal: fn, enabled: fn, usage: fn },
      { attributes: {}, extractor: 'openai.chat', nested: 'separate' },
      { attributes: fn },
      { ...(extractor && { extractor }) },
      { endpointType: undefined, nested: undefined },
    ].map((options) => [options as TrackInferenceOptions]),
  )('may be %j', (options) => {
    expect(() => trackInference(fn, options)).not.toThrow();
  });

  const name = 'a non-empty string or a function of the arguments';
  const flag = 'a boolean or a function of the arguments';
  const signal = 'a function of the arguments that returns an AbortSignal';
  const attributes = 'an object of attributes or a function of the arguments';
  const usage = 'a function of the response or chunk that returns the token usage';
  const extraction = 'a TokenExtractor or the name of a registered one';

  it.each<[keyof TrackInferenceOptions, unknown, string, string]>([
    ['endpointType', '', name, '""'],
    ['endpointType', 1, name, '1'],
    ['model', null, name, 'null'],
    ['model', {}, name, 'an object'],
    ['provider', '', name, '""'],
    ['provider', false, name, 'false'],
    ['stream', 'yes', flag, '"yes"'],
    ['signal', AbortSignal.abort(), signal, 'an object'],
    ['enabled', 1, flag, '1'],
    ['attributes', [], attributes, 'an array'],
    ['attributes', null, attributes, 'null'],
    ['attributes', 'tier', attributes, '"tier"'],
    ['usage', {}, usage, 'an object'],
    ['extractor', {}, extraction, 'an object'],
    ['extractor', { usage: 1 }, extraction, 'an object'],
    ['extractor', null, extraction, 'null'],
    ['extractor', '', extraction, '""'],
    ['extractor', () => {}, extraction, 'a function'],
    ['nested', 'no', "'join' or 'separate'", '"no"'],
    ['nested', 10n, "'join' or 'separate'", '10'],
  ])('are refused for %s: %p', (option, value, expected, got) => {
    expect(() => trackInference(fn, { [option]: value })).toThrow(
      new TypeError(`trackInference: option "${option}" must be ${expected}, got ${got}.`),
    );
  });

  it.each(['endpoint', 'constructor'])('are refused for the unknown "%s", which names those there are', (unknown) => {
    expect(() => trackInference(fn, { [unknown]: 1 })).toThrow(
      new TypeError(
        `trackInference: unknown option "${unknown}"; the options are endpointType, model, provider, stream, signal, enabled, attributes, usage, extractor, nested.`,
      ),
    );
  });

  it.each<[unknown, string]>([
    [7, '7'],
    [true, 'true'],
    [() => {}, 'a function'],
  ])('are refused where they are %p', (options, got) => {
    expect(() => trackInference(fn, options as never)).toThrow(
      new TypeError(`trackInference: options must be an object or an endpoint type, got ${got}.`),
    );
  });
});
