import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const COMMITTED = 'etc';
const UPDATE = 'the public interface is not as committed: run `npm run api`, and review the difference';

describe('the public interface', () => {
  const built = mkdtempSync(join(tmpdir(), 'api-reports-'));
  afterAll(() => rmSync(built, { recursive: true }));

  it('documents every exported name and each of its members', () => {
    const script = ['--import', 'tsx', 'scripts/api-reports.ts', built];
    // What is undocumented, or malformed, stands in the error's message.
    execFileSync(process.execPath, script, { stdio: ['ignore', 'ignore', 'pipe'] });
  }, 120_000);

  it(`has a report for each entry: ${UPDATE}`, () => {
    expect(readdirSync(COMMITTED)).toEqual(readdirSync(built));
  });

  it.each(readdirSync(COMMITTED))(`is what %s says: ${UPDATE}`, (report) => {
    expect(readFileSync(join(built, report), 'utf8')).toBe(readFileSync(join(COMMITTED, report), 'utf8'));
  });
});
