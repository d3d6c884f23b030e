#!/usr/bin/env node
import { relative } from 'node:path';
import { type Command, readCommandLine, USAGE } from './command-line.js';
import { examine, isRunAsked } from './doctor/doctor.js';
import { ownPackage } from './doctor/project.js';
import { hasProblems, report } from './doctor/report.js';

try {
  process.exitCode = await run(readCommandLine(process.argv.slice(2), process.cwd()));
} catch (error) {
  console.error(`${(error as Error).message}\n\ntrack-inference --help lists what there is.`);
  process.exitCode = 1;
}

async function run(command: Command): Promise<number> {
  if (command.kind === 'help') console.log(USAGE);
  if (command.kind === 'version') console.log(ownPackage().manifest.version);
  if (command.kind !== 'doctor') return 0;

  const { options, json } = command;
  const { project } = options;
  const sections = await examine(options);
  const findings = sections.flatMap((section) => section.findings.map((one) => ({ subject: section.title, ...one })));
  const healthy = !hasProblems(sections);
  if (json) {
    console.log(JSON.stringify({ project: project.dir, healthy, findings }, null, 2));
  } else {
    console.log(
      `track-inference doctor, ${project.manifest.name ?? project.dir} (${relative(process.cwd(), project.dir) || '.'})`,
    );
    console.log(report(sections, wantsColours()));
    if (!isRunAsked(options)) {
      console.log('Whether metrics arrive was not looked at: name the file that sets up telemetry, --entry <file>.');
    }
  }
  return healthy ? 0 : 1;
}

/** NO_COLOR, FORCE_COLOR and TERM are heeded by Node itself, for a terminal. */
function wantsColours(): boolean {
  const forced = process.env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '0' && forced !== 'false') return true;
  return process.stdout.isTTY === true && process.stdout.hasColors();
}
