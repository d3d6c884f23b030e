import { execFile } from 'node:child_process';
import type { Workspace } from './workspace.js';

export interface DoctorRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToldFinding {
  readonly subject: string;
  readonly level: 'ok' | 'warn' | 'problem';
  readonly title: string;
  readonly advice?: readonly string[];
}

/** Runs the built program in a process of its own. */
export function run(workspace: Workspace, cwd: string, args: readonly string[], env: object = {}): Promise<DoctorRun> {
  // Jest and the runner of these specs set some of their own.
  const { NODE_OPTIONS: _, FORCE_COLOR: __, NO_COLOR: ___, ...inherited } = process.env;
  return new Promise((resolve) => {
    const options = { cwd, env: { ...inherited, ...env } as NodeJS.ProcessEnv };
    execFile(process.execPath, [workspace.program, ...args], options, (error, stdout, stderr) => {
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

/** Runs `doctor --json`, and gives its findings by level; a finding as `subject: title`. */
export async function doctor(workspace: Workspace, cwd: string, args: readonly string[] = [], env: object = {}) {
  const { exitCode, stdout, stderr } = await run(workspace, cwd, ['doctor', '--json', ...args], env);
  if (stdout === '') throw new Error(stderr);
  const { findings, healthy } = JSON.parse(stdout) as { findings: ToldFinding[]; healthy: boolean };
  const titles = (level: ToldFinding['level']) =>
    findings.filter((finding) => finding.level === level).map(({ title }) => title);
  return { exitCode, healthy, findings, ok: titles('ok'), warnings: titles('warn'), problems: titles('problem') };
}
