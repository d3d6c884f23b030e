import { html } from 'hono/html';
import { CHARTS } from './charts.js';

const TILES: readonly (readonly [id: string, label: string, share?: string])[] = [
  ['requests', 'Requests'],
  ['in-flight', 'In flight'],
  ['errors', 'Errors', 'error-share'],
  ['cancelled', 'Cancelled', 'cancelled-share'],
  ['first-token', 'First token, p95'],
  ['duration', 'Duration, p95'],
  ['tokens', 'Tokens/s, p50'],
];

const MODEL_COLUMNS = [
  'Model',
  'Provider',
  'Requests',
  'In flight',
  'Errors',
  'Cancelled',
  'First token p50',
  'First token p95',
  'Duration p50',
  'Duration p95',
  'Tokens/s p50',
];
const ERROR_COLUMNS = ['Type', 'Times', 'Model', 'Provider', 'Endpoint', 'Last seen'];

const ROUTES: readonly (readonly [method: string, path: string, about: string])[] = [
  ['POST', '/v1/chat/completions', 'chat, streamed or not'],
  ['POST', '/v1/completions', 'text completion, streamed or not'],
  ['POST', '/v1/embeddings', 'embeddings, as floats or base64'],
  ['GET', '/v1/models', 'the models this gateway routes to'],
  ['GET', '/metrics', 'the inference metrics, for Prometheus'],
  ['GET', '/healthz', 'ok, or draining'],
];

/** The live page. `origin` is the address under which the reader reached it. */
export function livePage(origin: string) {
  const curl = `curl -N ${origin}/v1/chat/completions \\
  -H 'content-type: application/json' \\
  -d '{"model": "local/markov", "stream": true, "messages":
       [{"role": "user", "content": "Who is the Rabbit?"}]}'`;
  const client = `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: '${origin}/v1',
  apiKey: 'none',
});
const stream = await client.chat.completions.create({
  model: 'local/markov',
  messages: [{ role: 'user', content: 'Who is the Rabbit?' }],
  stream: true,
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? '');
}`;

  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Inference metrics, live · track-inference sample gateway</title>
<link rel="stylesheet" href="/live.css">
<script type="module" src="/live.js"></script>
</head>
<body>
<header>
<div>
<h1>Inference metrics, live</h1>
<p>What this gateway's annotated router records, read from <a href="/metrics">/metrics</a> every second.</p>
</div>
<div class="controls">
<span id="status" role="status" data-status="not">connecting</span>
<label for="choice">Show</label>
<select id="choice"><option value="">All models</option></select>
<button id="pause" type="button" aria-pressed="false">Pause</button>
</div>
</header>
<main>
<noscript><p>This page plots with JavaScript. Without it, read <a href="/metrics">/metrics</a>.</p></noscript>
<section id="quiet" aria-label="No traffic yet">
<p><strong>No requests yet.</strong> Send some in another shell, and watch them arrive:</p>
<pre>npm run traffic -- --url ${origin}</pre>
<p>or one by hand, <a href="#try">as shown below</a>.</p>
</section>
<h2 id="since">Since the start</h2>
<dl class="tiles" aria-labelledby="since">${TILES.map(
    ([id, label, share]) => html`
<div><dt>${label}</dt><dd><span id="tile-${id}">–</span> ${share ? html`<small id="tile-${share}"></small>` : ''}</dd></div>`,
  )}
</dl>
<h2>The last two minutes</h2>
<div class="charts">${CHARTS.map(
    ({ id, title }) => html`
<figure id="chart-${id}"><figcaption><h3>${title}</h3><ul class="legend"></ul></figcaption><div class="plot"></div></figure>`,
  )}
</div>
<h2 id="by-model">By model and provider</h2>
<p class="note">Since the start. Times are estimated from buckets, as Prometheus does.</p>
<div class="table" role="region" aria-labelledby="by-model" tabindex="0">
<table class="pair" aria-labelledby="by-model">
<thead><tr>${MODEL_COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody id="models"></tbody>
</table>
<p id="no-models" class="none">None so far.</p>
</div>
<h2 id="last-errors">Last errors</h2>
<p class="note">By type: an HTTP status, or the name of an error's class.</p>
<div class="table" role="region" aria-labelledby="last-errors" tabindex="0">
<table class="text" aria-labelledby="last-errors">
<thead><tr>${ERROR_COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody id="errors"></tbody>
</table>
<p id="no-errors" class="none">None so far.</p>
</div>
<h2 id="try">Try it</h2>
<div class="how">
<div><h3>With curl</h3><pre>${curl}</pre><h3>See what it counted</h3><pre>curl -s ${origin}/metrics | grep requests_total</pre></div>
<div><h3>From JavaScript, with the openai package</h3><pre>${client}</pre></div>
</div>
<h2>What is here</h2>
<dl class="routes">${ROUTES.map(
    ([method, path, about]) => html`
<dt>${method} ${method === 'GET' ? html`<a href="${path}">${path}</a>` : path}</dt><dd>${about}</dd>`,
  )}
</dl>
</main>
</body>
</html>`;
}
