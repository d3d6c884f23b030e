import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Page and line, for messages. */
  readonly where: string;
  readonly language: string;
  readonly code: string;
  /** The file that it is to be saved as, where its first line says so: `// router.ts`. */
  readonly file: string | undefined;
}

/** The pages that a reader of the package sees. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = readFileSync(page, 'utf8').split('\n');
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w+)$/.exec(lines[i] as string)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i);
    const code = lines.slice(i + 1, end).join('\n');
    const file = /^\/\/ ([\w-]+\.ts)$/m.exec(lines[i + 1] as string)?.[1];
    blocks.push({ page, where: `${page}:${i + 2}`, language, code, file });
    i = end;
  }
  return blocks;
}

/** All blocks of one language. */
export function blocksIn(language: string): Block[] {
  return pages.flatMap(blocksOf).filter((block) => block.language === language);
}

/** A name for the folder that holds a page's files, so that they can import each other. */
export function folderOf({ page }: Block): string {
  return basename(page, '.md').toLowerCase();
}
