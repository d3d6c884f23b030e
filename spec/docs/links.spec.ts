import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { pages } from './support/pages.js';

/** Pages beside those that a reader of the package sees. */
const further = [
  'CHANGELOG.md',
  'SECURITY.md',
  ...markdownIn('samples'),
  ...markdownIn('observability'),
  ...markdownIn('.github'),
];

/** Relative links, each under the page where it stands. */
const links = [...pages, ...further].filter(existsSync).flatMap((page) =>
  [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => [page, link] as const),
);

describe('the links between pages', () => {
  it.each(links)('%s → %s', (page, link) => {
    const [path, anchor] = link.split('#') as [string, string?];
    const target = path === '' ? page : normalize(join(dirname(page), path));
    expect(existsSync(target)).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
  });
});

/** Links and headings in code are none. */
function textOf(page: string): string {
  return readFileSync(page, 'utf8')
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function markdownIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}
