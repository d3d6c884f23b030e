import fc from 'fast-check';
import type { ShapeExtractor } from '../../lib/extraction/shape.js';
import { mistral } from '../../lib/extraction/shapes/mistral.js';
import { openaiChat } from '../../lib/extraction/shapes/openai-chat.js';
import { tgiCompletions } from '../../lib/extraction/shapes/tgi-completions.js';

const ending = fc.constantFrom(undefined, null, '', 'stop', 'error', 'tool_calls');
const choice = fc.record(
  {
    finish_reason: ending,
    finishReason: ending,
    delta: fc.constant({ content: 'a' }),
    usage: fc.constant({ prompt_tokens: 1 }),
  },
  { requiredKeys: [] },
);
const counts = fc.constantFrom(undefined, null, {}, { prompt_tokens: 3, completion_tokens: 4 });
const chunk = fc.record(
  {
    choices: fc.oneof(fc.array(choice, { maxLength: 3 }), fc.constantFrom(null, undefined, 'none')),
    usage: counts,
    x_groq: fc.record({ usage: counts }, { requiredKeys: [] }),
    timings: fc.constant({ predicted_n: 5, prompt_n: 2 }),
    error: fc.constant({ message: 'no' }),
  },
  { requiredKeys: [] },
);
const shapes: ShapeExtractor[] = [openaiChat, mistral, tgiCompletions];

describe('a chunk that is mere output', () => {
  it.each(shapes.map((extractor) => [extractor.name, extractor] as const))(
    'states no usage, no failure and no end in %s',
    (_name, extractor) => {
      fc.assert(
        fc.property(fc.oneof(chunk, fc.record({ data: chunk })), (payload) => {
          if (extractor.isMere?.(payload) !== true) return;
          expect([
            extractor.usage(payload),
            extractor.failed?.(payload) ?? false,
            extractor.finished?.(payload) ?? false,
          ]).toEqual([undefined, false, false]);
        }),
        { numRuns: 500 },
      );
    },
  );

  it('is what a chat streams, but for its last chunks', () => {
    const streamed = (finish_reason: string | null) => ({
      choices: [{ index: 0, delta: { content: 'a' }, finish_reason }],
    });
    const { isMere } = openaiChat as ShapeExtractor;
    expect(isMere?.(streamed(null))).toBe(true);
    expect(isMere?.(streamed('stop'))).toBe(false);
    expect(isMere?.({ ...streamed(null), usage: { prompt_tokens: 1 } })).toBe(false);
  });
});
