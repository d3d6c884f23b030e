import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const typedoc = join(dirname(createRequire(join(process.cwd(), 'package.json')).resolve('typedoc')), '../bin/typedoc');

/** The links between the pages of a folder that lead nowhere, each under the page where it stands. */
function brokenLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  const content = new Map(pages.map((page) => [page, readFileSync(join(folder, page), 'utf8')]));
  const broken: string[] = [];
  for (const [page, html] of content) {
    for (const [, href = ''] of html.matchAll(/ href="([^"]+)"/g)) {
      if (/^[a-z]+:/i.test(href)) continue;
      const [path = '', anchor] = decodeURI(href).split('#');
      const target = path === '' ? page : join(dirname(page), path);
      const isThere = existsSync(join(folder, target));
      const hasAnchor = !anchor || content.get(target)?.includes(` id="${anchor}"`) !== false;
      if (!isThere || !hasAnchor) broken.push(`${page}: ${href}`);
    }
  }
  return broken;
}

describe('the generated reference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is built without a warning, over all entries, and no link in it is broken', () => {
    const options = ['--out', folder, '--logLevel', 'Warn'];
    execFileSync(process.execPath, [typedoc, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
    const entries = Object.entries(exports).filter(([, conditions]) => typeof conditions === 'object');
    const modules = entries.map(([entry]) => `${entry.slice(2).replaceAll('/', '_') || 'index'}.html`);
    expect(readdirSync(join(folder, 'modules')).sort()).toEqual(modules.sort());
    expect(brokenLinks(folder)).toEqual([]);
  }, 180_000);
});
