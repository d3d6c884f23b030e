// Bundles the server as Wrangler does, and runs it in workerd.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';

const { outputFiles } = await build({
  entryPoints: ['app.mjs'],
  bundle: true,
  write: false,
  format: 'esm',
  target: 'es2022',
  conditions: ['workerd', 'worker', 'browser'],
  mainFields: ['browser', 'module', 'main'],
});
const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(require.resolve('workerd/package.json'), 'utf8'));
const miniflare = new Miniflare({
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: '2026-01-01',
  // For async context, and for the signal by which a client that leaves is seen.
  compatibilityFlags: ['nodejs_compat', 'enable_request_signal'],
  host: '127.0.0.1',
  port: 0,
});
console.log(JSON.stringify({ url: String(await miniflare.ready).replace(/\/$/, ''), version }));
