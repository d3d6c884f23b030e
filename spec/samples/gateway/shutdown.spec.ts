import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import OpenAI from 'openai';
import { type Gateway, startGateway } from '../../../samples/gateway/gateway.js';
import { parsePrometheusText } from '../../../samples/gateway/traffic/prometheus-text.js';
import { until } from '../../support/until.js';
import { HeldProvider } from './support/held-provider.js';
import { Scrape } from './support/scrape.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];

let gateway: Gateway;
afterEach(() => gateway.close(0));

/** A gateway with one stream under way. */
async function withStream(): Promise<{ held: HeldProvider; rest: () => Promise<unknown[]> }> {
  const held = new HeldProvider();
  gateway = await startGateway({ port: 0, providers: [held] });
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const stream = await client.chat.completions.create({ model: 'held/word', messages, stream: true });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await until('the stream to wait', () => held.waiting === 1);
  const rest = async () => {
    const chunks: unknown[] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) chunks.push(next.value);
    return chunks;
  };
  return { held, rest };
}

describe('close', () => {
  it('lets a running stream finish, and takes no new requests meanwhile', async () => {
    const { held, rest } = await withStream();
    const closed = gateway.close(20_000);
    await until('new connections to be refused', async () => {
      const response = await fetch(`${gateway.url}/healthz`).catch(() => 'refused');
      // A connection that was open already is still served, and told to look elsewhere.
      if (response instanceof Response) expect(response.status).toBe(503);
      return response === 'refused';
    });
    held.release();
    expect(await rest()).toHaveLength(1);
    expect(await closed).toEqual({ forced: false });
  });

  it('cuts off what still runs after the deadline, and counts it before the metrics end', async () => {
    const { held, rest } = await withStream();
    const { metrics } = gateway;
    const shutdown = metrics.shutdown;
    let lastWord = '';
    metrics.shutdown = async (options) => {
      lastWord = await metrics.prometheusText();
      return shutdown(options);
    };
    const cutOff = expect(rest()).rejects.toThrow();
    expect(await gateway.close(50)).toEqual({ forced: true });
    await cutOff;
    expect(held.closed).toBe(1);
    const counted = new Scrape(parsePrometheusText(lastWord)).values('requests_total');
    expect(counted).toEqual({ 'held/word held chat_completion true cancelled': 1 });
  });

  it('lets go of idle connections at once', async () => {
    gateway = await startGateway({ port: 0 });
    await (await fetch(`${gateway.url}/healthz`)).text();
    expect(await gateway.close(20_000)).toEqual({ forced: false });
  });
});

describe('startGateway', () => {
  it('rejects when the port is taken, and leaves nothing behind', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startGateway({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await once(other, 'close');
    gateway = await startGateway({ port });
    expect(gateway.url).toBe(`http://127.0.0.1:${port}`);
  });

  it('refuses a second one in the same process, which would record into the first', async () => {
    gateway = await startGateway({ port: 0 });
    await expect(startGateway({ port: 0 })).rejects.toThrow('has a global meter provider already');
  });
});
