import { createTestTracker } from 'track-inference/testing';

/** The type that is recorded of each of these errors, in their order. */
async function typesOf(...errors: unknown[]): Promise<unknown[]> {
  const tracker = createTestTracker({ errorType: true, replaceDefault: false, labelLimits: { endpointType: 300 } });
  for (const [index, error] of errors.entries()) {
    const chat = tracker.trackInference(
      () => {
        throw error;
      },
      `e${String(index).padStart(3, '0')}`,
    );
    try {
      chat();
    } catch {}
  }
  const rows = await tracker.rows('request_duration_seconds');
  await tracker.dispose();
  return rows
    .map(({ attributes }) => attributes)
    .sort((a, b) => String(a['endpoint_type']).localeCompare(String(b['endpoint_type'])))
    .map((attributes) => attributes['error.type']);
}

class Failure extends Error {}
const failing = (fields: object) => Object.assign(new Failure('secret'), fields);
const named = (name: unknown) => Object.assign(new Error('secret'), { name });

describe('the type of an error', () => {
  it.each<[what: string, error: unknown, type: string]>([
    ['the least status', failing({ status: 400 }), '400'],
    ['the greatest status', failing({ status: 599 }), '599'],
    ['a status below', failing({ status: 399 }), 'Failure'],
    ['a status above', failing({ status: 600 }), 'Failure'],
    ['a status that is no integer', failing({ status: 429.5 }), 'Failure'],
    ['a status that is text', failing({ status: '429' }), 'Failure'],
    ['statusCode', failing({ statusCode: 503 }), '503'],
    ['the status of a response', failing({ response: { status: 404 } }), '404'],
    ['the statusCode of a response', failing({ response: { statusCode: 502 } }), '502'],
    ['the status in the metadata of AWS', failing({ $metadata: { httpStatusCode: 500 } }), '500'],
    ['the nearest of many', failing({ status: 401, statusCode: 402, response: { status: 403 } }), '401'],
    ['the next where the nearest is none', failing({ status: 200, response: { status: 403 } }), '403'],
    ['an object that is no Error, by its status', { status: 418 }, '418'],
    ['an object that is no Error, by its name', { name: 'Teapot' }, 'Teapot'],
    ['an object that is no Error nor named', {}, '_OTHER'],
    ['the class of an Error that has no name of its own', new Failure(), 'Failure'],
    ['its own name before its class', named('Named'), 'Named'],
    ['a name with dots, digits, a dollar and a dash below', named('a1.$_Error'), 'a1.$_Error'],
    ['a name that begins with a dash below', named('_Error'), '_Error'],
    ['a name that begins with a dollar', named('$Error'), '$Error'],
    ['a name that begins with a digit', named('1Error'), '_OTHER'],
    ['a name that ends with something else', named('Error!'), '_OTHER'],
    ['an empty name', named(''), '_OTHER'],
    ['a name that is no text', named(7), '_OTHER'],
    ['a name that is true', named(true), '_OTHER'],
    ['a name as long as may be', named('E'.repeat(64)), 'E'.repeat(64)],
    ['a name that is too long', named('E'.repeat(65)), '_OTHER'],
    ['an Error whose class is not known', Object.assign(Object.create(null), { name: 'Error' }), '_OTHER'],
    ['null', null, '_OTHER'],
    ['a number', 404, '_OTHER'],
    ['a text', 'APIError', '_OTHER'],
    ['a function, whatever it carries', Object.assign(() => {}, { status: 503 }), '_OTHER'],
  ])('is right for %s', async (_, error, type) => {
    expect(await typesOf(error)).toEqual([type]);
  });

  it('is one of 199, for good, and else _OTHER', async () => {
    const errors = Array.from({ length: 201 }, (_, index) => named(`E${index}`));
    const types = await typesOf(...errors, named('E0'), named('E198'));
    expect(types.slice(0, 199)).toEqual(errors.slice(0, 199).map(({ name }) => name));
    expect(types.slice(199)).toEqual(['_OTHER', '_OTHER', 'E0', 'E198']);
  });
});
