import { jest } from '@jest/globals';
import type { Provider } from '../../../samples/gateway/providers/provider.js';
import { RoutingTable } from '../../../samples/gateway/routing-table.js';

function provider(id: string, models: readonly string[]): Provider {
  const unused = () => Promise.reject(new Error('not called here'));
  return {
    id,
    serves: (model) => models.includes(model),
    listModels: async () => models.map((model) => ({ id: model, object: 'model', created: 0, owned_by: id })),
    chatCompletion: unused,
    completion: unused,
    embeddings: unused,
  };
}

const a = provider('a', ['small', 'org/large']);
const b = provider('b', ['small']);

describe('RoutingTable', () => {
  it('takes what stands before the first slash for the provider', async () => {
    const table = new RoutingTable([a, b]);
    expect(await table.resolve('b/small')).toEqual({ provider: b, model: 'small' });
    expect(await table.resolve('a/org/large')).toEqual({ provider: a, model: 'org/large' });
  });

  it.each(['small', '/small', 'a/', 'a', '', 'c/small', 'b/org/large'])('does not know %j', async (model) => {
    const unknown = new RoutingTable([a, b]).resolve(model);
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  it('lists every model under the id that it resolves, and leaves out a provider that does not answer', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const broken = { ...provider('c', []), listModels: () => Promise.reject(new Error('down')) };
    const models = await new RoutingTable([a, broken, b]).models();
    expect(models.map(({ id }) => id)).toEqual(['a/small', 'a/org/large', 'b/small']);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
