import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

let script: Promise<string> | undefined;
let style: string | undefined;

/** The page's script with the chart library from node_modules in it; bundled when it is first asked for. */
export function liveScript(): Promise<string> {
  script ??= build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return script;
}

export function liveStyle(): string {
  style ??= [createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css'), new URL('page.css', import.meta.url)]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  return style;
}

/** Model names on the page come from strangers; nothing but what the gateway itself serves runs or is loaded. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
