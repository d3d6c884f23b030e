import { currentInference } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { LabelSets } from '../../lib/metrics/label-sets.js';
import { requests } from '../support/readings.js';

describe('LabelSets', () => {
  it('give the same object for the same labels, and its attributes, built once and frozen', () => {
    const sets = new LabelSets();
    const set = sets.resolve('m', 'p', 'chat', false, undefined);
    sets.resolve('other', 'p', 'chat', false, undefined);
    expect(sets.resolve('m', 'p', 'chat', false, undefined)).toBe(set);
    expect(sets.withProvider(sets.resolve('m', undefined, 'chat', false, undefined), 'p')).toBe(set);
    const attributes = set.settledAs('error');
    expect(attributes).toEqual({ model: 'm', provider: 'p', endpoint_type: 'chat', stream: false, status: 'error' });
    expect(set.settledAs('error')).toBe(attributes);
    const further = set.settledWith('error', 'error.type', '503');
    expect(further).toEqual({ ...attributes, 'error.type': '503' });
    expect(set.settledWith('error', 'error.type', '503')).toBe(further);
    for (const one of [set.attributes, attributes, further]) expect(Object.isFrozen(one)).toBe(true);
  });

  it.each([
    ['model', { model: 'n' }],
    ['provider', { provider: 'q' }],
    ['endpoint type', { endpointType: 'completion' }],
    ['stream', { stream: true }],
  ])('tell a call from the one before by its %s', (_name, change) => {
    const sets = new LabelSets();
    const labels = { model: 'm', provider: 'p', endpointType: 'chat', stream: false };
    const resolve = ({ model, provider, endpointType, stream } = labels) =>
      sets.resolve(model, provider, endpointType, stream, undefined);
    resolve();
    expect(resolve({ ...labels, ...change })).toMatchObject({ ...labels, ...change });
    expect(resolve()).toMatchObject(labels);
  });

  it('keep the labels of a request that says it wants no stream apart from those of one that does', async () => {
    const tracker = createTestTracker();
    const chat = tracker.trackInference((_request: { stream: boolean }) => {}, 'chat');
    for (const stream of [true, false, false]) chat({ stream });
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'chat', stream: true, status: 'success', count: 1 },
      { endpoint_type: 'chat', stream: false, status: 'success', count: 2 },
    ]);
    await tracker.dispose();
  });

  it.each(['setProvider', 'setModel'] as const)('admit no nonsense given to %s', async (set) => {
    const label = set === 'setModel' ? 'model' : 'provider';
    const tracker = createTestTracker({ labelLimits: { [label]: 1 } });
    tracker.trackInference((name: string) => {
      for (const nonsense of [7, null, '', {}]) currentInference()?.[set](nonsense as never);
      currentInference()?.[set](name);
    }, 'chat')('first');
    expect(await requests(tracker)).toEqual([
      { [label]: 'first', endpoint_type: 'chat', stream: false, status: 'success', count: 1 },
    ]);
    await tracker.dispose();
  });
});
