import { quantile, report } from '../../../samples/gateway/traffic/report.js';

describe('report', () => {
  it('puts what the client saw beside what the gateway counted', () => {
    const chat = { endpointType: 'chat_completion' as const, stream: true };
    const observations = [
      { ...chat, outcome: 'success' as const, durationMs: 1_000, firstTokenMs: 40 },
      { ...chat, outcome: 'success' as const, durationMs: 2_000, firstTokenMs: 50 },
      { ...chat, outcome: 'refused' as const, durationMs: 3 },
    ];
    const before = new Map([['chat_completion true success', 5]]);
    const after = new Map([
      ['chat_completion true success', 7],
      ['embeddings false error', 1],
    ]);
    expect(report(observations, before, after).split('\n')).toEqual([
      'endpoint         stream  outcome  client  gateway  TTFT p50    p95  duration p50      p95',
      '-----------------------------------------------------------------------------------------',
      'chat_completion  yes     success       2        2     40 ms  50 ms       1000 ms  2000 ms',
      'chat_completion  yes     refused       1        -         -      -          3 ms     3 ms',
      'embeddings       no      error         0        1         -      -             -        -',
    ]);
  });
});

describe('quantile', () => {
  it('gives a value that was seen, and nothing of nothing', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([3, 1, 2], 0.95)).toBe(3);
    expect(quantile([7], 0.5)).toBe(7);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});
