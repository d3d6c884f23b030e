// A client of the runtimes' server: asks, reads, leaves, and compares with what was recorded.
import { deepStrictEqual } from 'node:assert';
import { createServer } from 'node:http';

const JSON_TYPE = { 'content-type': 'application/json' };
const DEADLINE_MILLISECONDS = 10_000;

/** Requests by the model that they ask for, which is what they are found by, and what they have to be counted as. */
const checks = {
  json: { counted: { stream: false, status: 'success' } },
  sse: { body: { stream: true }, counted: { stream: true, status: 'success' } },
  'sse-fails-midway': { body: { stream: true, fails: true }, counted: { stream: true, status: 'error' } },
  'sse-left-midway': {
    body: { stream: true, isEndless: true },
    leavesAfter: 2,
    counted: { stream: true, status: 'cancelled' },
  },
  'left-before-an-answer': { body: { waits: true }, leavesAfter: 0, counted: { stream: false, status: 'cancelled' } },
  'proxied-json': { path: '/proxy', counted: { stream: false, status: 'success' } },
  'proxied-sse': { path: '/proxy', body: { stream: true }, counted: { stream: true, status: 'success' } },
  'proxied-sse-left-midway': {
    path: '/proxy',
    body: { stream: true, isEndless: true },
    leavesAfter: 2,
    counted: { stream: true, status: 'cancelled' },
  },
};

/** Runs the checks against a server, but for those left out. Gives how many that were, and what each that failed has to say. */
export async function check(url, leftOut = []) {
  const upstream = await startUpstream();
  const failures = [];
  const chosen = Object.entries(checks).filter(([name]) => !leftOut.includes(name));
  for (const [name, { path = '', body, leavesAfter, counted }] of chosen) {
    try {
      await ask(`${url}${path}/v1/chat/completions`, { model: name, ...body }, upstream.url, leavesAfter);
      const { model, ...seen } = await settled(url, name);
      // A gateway that passes through knows no provider, and nobody does before there is an answer.
      const provider = path === '' && leavesAfter !== 0 && { provider: 'local' };
      deepStrictEqual(seen, { ...counted, endpoint_type: 'chat_completion', ...provider, count: 1, inFlight: 0 });
    } catch (error) {
      failures.push(`${name}: ${error.message}`);
    }
  }
  await until(() => upstream.open === 0).catch(() => failures.push('the upstream request of who left is still open'));
  if (!leftOut.includes('closed-sources')) {
    const areClosed = async () => (await recorded(url)).closed === 3;
    await until(areClosed).catch(() => failures.push("the model's stream is still open"));
  }
  await upstream.close();
  return { count: chosen.length, failures };
}

async function ask(url, body, upstream, leavesAfter) {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal, AbortSignal.timeout(DEADLINE_MILLISECONDS)]);
  const headers = { ...JSON_TYPE, 'x-upstream': upstream };
  const asked = fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (leavesAfter === 0) {
    setTimeout(() => controller.abort(), 200);
    await asked.catch(() => undefined);
    return;
  }
  const response = await asked;
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  let text = '';
  for await (const bytes of response.body) {
    text += Buffer.from(bytes).toString();
    if (text.split('\n\n').length > (leavesAfter ?? Number.POSITIVE_INFINITY)) break;
  }
  controller.abort();
}

/** Waits until the request of that model has settled. A proxy may know its model by the answer alone. */
async function settled(url, model) {
  const isOurs = ({ attributes }) => [model, `served-${model}`].includes(attributes.model);
  let found = [];
  let rows = {};
  await until(async () => {
    const seen = await recorded(url);
    if (seen.errors.length > 0) throw new Error(seen.errors.join(', '));
    rows = seen.rows;
    found = (rows.requests_total ?? []).filter((row) => isOurs(row) && row.value > 0);
    return found.length > 0;
  });
  if (found.length > 1) throw new Error(`counted twice: ${JSON.stringify(found)}`);
  const inFlight = rows.concurrent_requests.reduce((sum, { value }) => sum + value, 0);
  return { ...found[0].attributes, count: found[0].value, inFlight };
}

async function until(condition) {
  for (const end = Date.now() + DEADLINE_MILLISECONDS; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('did not come about in time');
}

async function recorded(url) {
  return (await fetch(`${url}/recorded`)).json();
}

/** A provider for the proxy. */
async function startUpstream() {
  const upstream = { open: 0 };
  const server = createServer(async (req, res) => {
    upstream.open++;
    res.on('close', () => upstream.open--);
    const text = [];
    for await (const bytes of req) text.push(bytes);
    const params = JSON.parse(Buffer.concat(text).toString());
    const model = `served-${params.model}`;
    const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
    if (!params.stream) {
      res.writeHead(200, JSON_TYPE).end(JSON.stringify({ object: 'chat.completion', model, choices: [], usage }));
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (item) =>
      res.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', model, ...item })}\n\n`);
    for (const content of ['one', 'two']) send({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    while (params.isEndless && !res.destroyed) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      send({ choices: [{ index: 0, delta: { content: 'more' }, finish_reason: null }] });
    }
    if (res.destroyed) return;
    send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    send({ choices: [], usage });
    res.end('data: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  upstream.url = `http://127.0.0.1:${server.address().port}/v1/chat/completions`;
  upstream.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return upstream;
}
