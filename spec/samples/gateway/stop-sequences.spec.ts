import fc from 'fast-check';
import { StopSequences } from '../../../samples/gateway/providers/local/stop-sequences.js';

function run(sequences: readonly string[], pieces: readonly string[]): string {
  const stops = new StopSequences(sequences);
  let shown = '';
  for (const piece of pieces) {
    const { text, stopped } = stops.push(piece);
    shown += text;
    if (stopped) return shown;
  }
  return shown + stops.flush();
}

describe('StopSequences', () => {
  it('cuts the text at the first sequence, however it was cut into pieces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 20 });
    const sequence = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(text), fc.array(sequence, { maxLength: 4 }), (pieces, sequences) => {
        const shown = run(sequences, pieces);
        const whole = pieces.join('');
        expect(whole.startsWith(shown)).toBe(true);
        expect(sequences.some((one) => shown.includes(one))).toBe(false);
        if (shown !== whole) expect(sequences.some((one) => whole.startsWith(one, shown.length))).toBe(true);
      }),
    );
  });

  it('keeps back only what may become a sequence', () => {
    const stops = new StopSequences(['END']);
    expect(stops.push('to the E')).toEqual({ text: 'to the ', stopped: false });
    expect(stops.push('N')).toEqual({ text: '', stopped: false });
    expect(stops.push('EN')).toEqual({ text: 'EN', stopped: false });
    expect(stops.push('D of')).toEqual({ text: '', stopped: true });
  });
});
