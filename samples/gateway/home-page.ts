import { html } from 'hono/html';

const ROUTES: readonly (readonly [method: string, path: string, about: string])[] = [
  ['POST', '/v1/chat/completions', 'chat, streamed or not'],
  ['POST', '/v1/completions', 'text completion, streamed or not'],
  ['POST', '/v1/embeddings', 'embeddings, as floats or base64'],
  ['GET', '/v1/models', 'the models this gateway routes to'],
  ['GET', '/metrics', 'the inference metrics, for Prometheus'],
  ['GET', '/healthz', 'ok, or draining'],
];

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2330; --dim: #5b6475; --line: #dfe3ea; --card: #f6f7f9; --accent: #2456c9; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7eaf0; --dim: #9aa4b5; --line: #2c3442; --card: #171c25; --accent: #8ab0ff; }
  body { background: #0f131a; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 46rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 2.25rem 0 .75rem; }
p { margin: 0 0 .75rem; color: var(--dim); }
a { color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.25rem; margin: 0; }
dt, dd { margin: 0; }
dt { font: .875rem/1.7 ui-monospace, monospace; }
dd { color: var(--dim); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; margin: 0;
  overflow-x: auto; font: .8125rem/1.6 ui-monospace, monospace; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
`;

/** What is here and how to try it. `origin` is the address under which the reader reached the page. */
export function homePage(origin: string) {
  const curl = `curl -N ${origin}/v1/chat/completions \\
  -H 'content-type: application/json' \\
  -d '{"model": "local/markov", "stream": true,
       "messages": [{"role": "user", "content": "Tell me about the White Rabbit."}]}'`;
  const client = `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: 'none' });
const stream = await client.chat.completions.create({
  model: 'local/markov',
  messages: [{ role: 'user', content: 'Tell me about the White Rabbit.' }],
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
<title>track-inference sample gateway</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>track-inference sample gateway</h1>
<p>An OpenAI-compatible server whose router carries one annotation per method. Every request you send shows up,
counted and timed, under <a href="/metrics">/metrics</a>.</p>
<h2>Ask it something</h2>
<pre tabindex="0">${curl}</pre>
<h2>From JavaScript, with the openai package</h2>
<pre tabindex="0">${client}</pre>
<h2>See what it counted</h2>
<pre tabindex="0">curl -s ${origin}/metrics | grep requests_total</pre>
<h2>Give it traffic</h2>
<pre tabindex="0">npm run traffic -- --url ${origin}</pre>
<h2>What is here</h2>
<dl>${ROUTES.map(
    ([method, path, about]) => html`
<dt>${method} ${method === 'GET' ? html`<a href="${path}">${path}</a>` : path}</dt><dd>${about}</dd>`,
  )}
</dl>
</main>
</body>
</html>`;
}
