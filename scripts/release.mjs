// Makes a release of what is on main: `npm run release -- 1.2.0`; with --dry-run it only says what stands in the way.
// It writes the version down, runs the tests on it, commits and tags. It neither pushes nor publishes: once the tag is
// pushed, .github/workflows/release.yml tries the package everywhere and publishes it, with provenance.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import semver from 'semver';

const USAGE = 'Usage: npm run release -- <version> [--dry-run]';
const WRITTEN = ['CHANGELOG.md', 'lib/version.ts', 'package.json', 'package-lock.json'];
/** What no release has brought yet: from its heading to the next one. */
const UNRELEASED = /^## Unreleased\n([\s\S]*?)(?=^## |(?![\s\S]))/m;

const { version, dryRun } = readCommandLine();
const tag = `v${version}`;

const problems = problemsOf(JSON.parse(readFileSync('package.json', 'utf8')), readFileSync('CHANGELOG.md', 'utf8'));
if (problems.length > 0) quit(`${version} cannot be released:\n${problems.map((one) => `- ${one}`).join('\n')}`);
if (dryRun) {
  console.log(`Nothing stands in the way of ${version}. Without --dry-run the public interface is compared with etc/, then
${WRITTEN.join(', ')} are written, tested, committed and tagged ${tag}.`);
  process.exit(0);
}

run('npm', 'run', 'api');
if (git('status', '--porcelain') !== '')
  quit('`npm run api` has changed the reports in etc/. Review and commit them, then try again.');
try {
  write();
  run('npm', 'test');
  run('git', 'commit', '--quiet', '-m', `Release ${version}`, '--', ...WRITTEN);
} catch (error) {
  run('git', 'checkout', '--quiet', 'HEAD', '--', ...WRITTEN);
  quit(`${error.message}\nThe files are as they were; nothing is committed.`);
}
run('git', 'tag', '-a', tag, '-m', `track-inference ${version}`);
console.log(`
Committed and tagged ${tag}. This sends it to where it is tested once more and published:
  git push --atomic origin main ${tag}`);

function readCommandLine() {
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options: { 'dry-run': { type: 'boolean', default: false } } });
  } catch (error) {
    return quit(`${error.message}\n${USAGE}`);
  }
  const [wanted, ...others] = parsed.positionals;
  if (wanted === undefined || others.length > 0) return quit(USAGE);
  if (semver.valid(wanted) !== wanted) return quit(`${wanted} is no version, such as 1.2.0 or 1.2.0-rc.1.\n${USAGE}`);
  return { version: wanted, dryRun: parsed.values['dry-run'] };
}

/** All that has to be mended before, so that nobody mends one after the other. */
function problemsOf(manifest, changelog) {
  const found = [];
  if (semver.lt(version, manifest.version)) found.push(`it is older than the ${manifest.version} of package.json`);
  if (git('tag', '--list', tag) !== '') found.push(`there is a tag ${tag} already`);
  if (!/github\.com[/:][^/]+\/[^/]+$/.test(manifest.repository?.url ?? '')) {
    found.push(`package.json names no GitHub repository, which npm holds against the provenance of what is published:
  npm pkg set repository.type=git repository.url=git+https://github.com/<owner>/<name>.git`);
  }
  const branch = git('branch', '--show-current');
  if (branch !== 'main') found.push(`this is ${branch === '' ? 'no branch' : `the branch ${branch}`}, not main`);
  if (git('status', '--porcelain') !== '') found.push('the working tree is not clean: `git status`');
  if (!UNRELEASED.exec(changelog)?.[1].trim()) found.push('CHANGELOG.md has nothing under "## Unreleased"');
  if (changelog.includes(`\n## ${version} `)) found.push(`CHANGELOG.md has a section of ${version} already`);
  return found;
}

function write() {
  const day = new Date().toISOString().slice(0, 10);
  replace('CHANGELOG.md', UNRELEASED, (_, changes) => `## Unreleased\n\n## ${version} - ${day}\n${changes}`);
  replace('lib/version.ts', /(VERSION = ')[^']*/, (_, before) => `${before}${version}`);
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts');
}

function replace(file, pattern, by) {
  writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, by));
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}

function run(program, ...args) {
  execFileSync(program, args, { stdio: 'inherit' });
}

function quit(message) {
  console.error(message);
  process.exit(1);
}
