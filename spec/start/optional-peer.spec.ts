import { optionalPeer } from '../../lib/start/optional-peer.js';

describe('optionalPeer', () => {
  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('says what to install (%s)', async (code) => {
    const missing = Object.assign(new Error('Cannot find package'), { code });
    await expect(optionalPeer('otlp', '@some/exporter', () => Promise.reject(missing))).rejects.toThrow(
      'startInferenceMetrics: otlp needs @some/exporter. Install it: npm install @some/exporter',
    );
  });

  it('passes on what else goes wrong in a package', async () => {
    const broken = new Error('broken');
    await expect(optionalPeer('otlp', '@some/exporter', () => Promise.reject(broken))).rejects.toBe(broken);
  });
});
