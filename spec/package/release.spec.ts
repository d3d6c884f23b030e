import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPT = resolve('scripts/release.mjs');
const REPOSITORY = { type: 'git', url: 'git+https://github.com/acme/track-inference.git' };
const CHANGELOG = `# Changelog

## Unreleased

### Added

- A metric.

## 0.1.0 - 2026-01-01

- The first.
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'release-'));
  mkdirSync(join(folder, 'lib'));
  mkdirSync(join(folder, 'etc'));
  write('lib/version.ts', "export const VERSION = '0.1.0';\n");
  write('CHANGELOG.md', CHANGELOG);
  write('etc/track-inference.api.md', 'as it is\n');
  write(
    'package-lock.json',
    JSON.stringify({ name: 'it', version: '0.1.0', lockfileVersion: 3, packages: { '': {} } }),
  );
  pack({ repository: REPOSITORY });
  git('init', '--quiet', '-b', 'main');
  commit();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('npm run release', () => {
  it('moves what is unreleased under the version, writes it everywhere, commits and tags', () => {
    expect(release('0.2.0')).toMatchObject({ status: 0, said: expect.stringContaining('origin main v0.2.0') });
    const day = new Date().toISOString().slice(0, 10);
    expect(read('CHANGELOG.md')).toBe(CHANGELOG.replace('## Unreleased\n', `## Unreleased\n\n## 0.2.0 - ${day}\n`));
    expect(read('lib/version.ts')).toBe("export const VERSION = '0.2.0';\n");
    expect(JSON.parse(read('package.json'))).toMatchObject({ version: '0.2.0' });
    expect(JSON.parse(read('package-lock.json'))).toMatchObject({
      version: '0.2.0',
      packages: { '': { version: '0.2.0' } },
    });
    expect(git('log', '-1', '--format=%s %D')).toBe('Release 0.2.0 HEAD -> main, tag: v0.2.0');
    expect(git('status', '--porcelain')).toBe('');
    expect(git('show', '--stat', '--format=', '--name-only').split('\n')).toEqual([
      'CHANGELOG.md',
      'lib/version.ts',
      'package-lock.json',
      'package.json',
    ]);
    // The next one needs changes of its own.
    expect(release('0.3.0').said).toContain('nothing under "## Unreleased"');
  });

  it('releases the version that package.json has, if no tag has it', () => {
    write('CHANGELOG.md', CHANGELOG.replace(/## 0\.1\.0[\s\S]*/, ''));
    commit();
    expect(release('0.1.0')).toMatchObject({ status: 0 });
    expect(git('tag')).toBe('v0.1.0');
    expect(release('0.1.0').said).toContain('there is a tag v0.1.0 already');
  });

  it('tests what it has written, and takes it back where a test fails', () => {
    pack({
      repository: REPOSITORY,
      test: `node -e "process.exit(require('./package.json').version === '0.2.0' ? 1 : 0)"`,
    });
    commit();
    expect(release('0.2.0')).toMatchObject({ status: 1, said: expect.stringContaining('nothing is committed') });
    unchanged();
  });

  it('stops at reports of the public interface that are not up to date', () => {
    pack({ repository: REPOSITORY, api: `node -e "fs.writeFileSync('etc/track-inference.api.md', 'other')"` });
    commit();
    expect(release('0.2.0')).toMatchObject({ status: 1, said: expect.stringContaining('Review and commit them') });
    expect(git('status', '--porcelain')).toBe('M etc/track-inference.api.md');
  });

  it('changes nothing in a dry run, and runs no test', () => {
    pack({ repository: REPOSITORY, api: 'exit 1', test: 'exit 1' });
    commit();
    expect(release('0.2.0', '--dry-run')).toMatchObject({ status: 0, said: expect.stringContaining('Nothing stands') });
    unchanged();
  });

  it.each([
    ['without a repository', () => pack({}), 'package.json names no GitHub repository'],
    ['elsewhere than on main', () => git('checkout', '--quiet', '-b', 'other'), 'this is the branch other, not main'],
    ['with a version that goes back', () => pack({ repository: REPOSITORY, version: '1.0.0' }), 'older than the 1.0.0'],
    ['with no change to tell', () => write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n'), 'has nothing under'],
    [
      'with the version in the changelog',
      () => write('CHANGELOG.md', CHANGELOG.replace('0.1.0', '0.2.0')),
      'has a section of 0.2.0 already',
    ],
  ])('refuses, %s', (_, change, complaint) => {
    change();
    commit();
    expect(release('0.2.0')).toMatchObject({ status: 1, said: expect.stringContaining(complaint) });
    unchanged();
  });

  it('refuses with files that are not committed', () => {
    write('new.txt', '');
    expect(release('0.2.0').said).toContain('the working tree is not clean');
  });

  it('says everything that stands in the way at once', () => {
    pack({});
    write('CHANGELOG.md', '# Changelog\n');
    expect(release('0.0.1', '--dry-run').said.match(/^- /gm)).toHaveLength(4);
  });

  it.each([[[]], [['two']], [['1.0']], [['v1.0.0']], [['1.0.0', '2.0.0']], [['1.0.0', '--publish']]])(
    'explains itself to %j',
    (args) => expect(release(...args)).toMatchObject({ status: 1, said: expect.stringContaining('Usage:') }),
  );
});

it('has one version, in package.json and in the code', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(readFileSync('lib/version.ts', 'utf8')).toContain(`VERSION = '${version}';`);
});

function pack(what: { repository?: object; version?: string; api?: string; test?: string }): void {
  const { repository, version = '0.1.0', api = 'exit 0', test = 'exit 0' } = what;
  write('package.json', JSON.stringify({ name: 'it', version, repository, scripts: { api, test } }));
}

function release(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

/** Nobody's own settings of git, such as signing, and somebody to commit as. */
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function commit(): void {
  git('add', '.');
  git('commit', '--quiet', '--allow-empty', '-m', 'A change');
}

function unchanged(): void {
  expect(git('status', '--porcelain')).toBe('');
  expect(git('tag')).toBe('');
  expect(git('log', '-1', '--format=%s')).toBe('A change');
}

function write(file: string, text: string): void {
  writeFileSync(join(folder, file), text);
}

function read(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}
