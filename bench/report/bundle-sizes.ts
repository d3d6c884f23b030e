import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What each entry point of the package adds to an application's bundle, OpenTelemetry and frameworks left out. */
export async function bundleSizes(): Promise<Record<string, { minified: number; gzipped: number }>> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { import: { default: string } }>;
  };
  const sizes: Record<string, { minified: number; gzipped: number }> = {};
  for (const [subpath, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const { outputFiles } = await build({
      entryPoints: [target.import.default],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      packages: 'external',
      platform: 'neutral',
      external: ['node:*'],
    });
    const code = outputFiles[0]?.contents ?? new Uint8Array();
    sizes[subpath === '.' ? 'track-inference' : `track-inference${subpath.slice(1)}`] = {
      minified: code.length,
      gzipped: gzipSync(code, { level: 9 }).length,
    };
  }
  return sizes;
}
