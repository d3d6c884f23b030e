import { readdirSync, readFileSync } from 'node:fs';
import { type TokenExtractor, tokenExtractors } from 'track-inference';

/** The names in the first column of the table of built-in shapes. */
function namesOnThePage(): string[] {
  const [, section = ''] = readFileSync('docs/extractors.md', 'utf8').split('## Built-in shapes');
  const [table = ''] = section.split('\n## ');
  const firstCells = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell]) => cell as string);
  return firstCells.flatMap((cell) => [...cell.matchAll(/`(.+?)`/g)].map(([, name]) => name as string));
}

/** The extractors that the files of shapes export. */
async function extractors(): Promise<TokenExtractor[]> {
  const files = readdirSync('lib/extraction/shapes');
  const modules = await Promise.all(files.map((file) => import(`../../lib/extraction/shapes/${file}`)));
  return modules
    .flatMap((module) => Object.values<Partial<TokenExtractor>>(module))
    .filter((exported): exported is TokenExtractor => typeof exported?.recognizes === 'function');
}

describe('the shapes of docs/extractors.md', () => {
  it('are all that there are, and all of them are registered', async () => {
    const built = await extractors();
    expect(namesOnThePage().sort()).toEqual(built.map(({ name }) => name).sort());
    for (const extractor of built) expect(tokenExtractors.get(extractor.name)).toBe(extractor);
  });
});
