import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Finding, ok, problem, warn } from '../finding.js';
import { satisfies } from '../installed/version-range.js';
import type { Project } from '../project.js';
import { type CompiledSample, compileSample } from './compile-sample.js';

/** What is known of how TypeScript compiles this project's decorators. */
export interface TypeScriptReading {
  readonly findings: readonly Finding[];
  readonly sample?: CompiledSample;
}

/** Whether a decorated method, compiled by this tsconfig, runs. */
export function checkTypeScript(project: Project, name: string): TypeScriptReading {
  const file = resolve(project.dir, name);
  if (!existsSync(file)) {
    return {
      findings: [
        ok(
          `No ${name}: tsx compiles standard decorators then; in plain JavaScript use trackInference(fn) or trackMethods(object)`,
        ),
      ],
    };
  }
  const sample = compileSample(project, file);
  if (sample === undefined) {
    return { findings: [warn(`${name} was not looked into: this project has no typescript of its own installed`)] };
  }
  return { findings: judge(sample, name), sample };
}

function judge(sample: CompiledSample, name: string): Finding[] {
  if (sample.refersToOthers) {
    return [
      warn(
        `${name} compiles nothing itself, it refers to others`,
        'Name the one that compiles your router: --tsconfig tsconfig.app.json',
      ),
    ];
  }
  const { version, complaints } = sample;
  const findings = complaints.map((complaint) => problem(`${name}, TypeScript ${version}: ${complaint}`));
  if (satisfies(version, '<5.2') === true) {
    findings.push(
      problem(
        `TypeScript ${version} does not read track-inference's types, which need 5.2`,
        'npm install -D typescript@5',
      ),
    );
  }
  return [...findings, ...judgeOutput(sample, name)];
}

function judgeOutput(sample: CompiledSample, name: string): Finding[] {
  const where = `${name}, TypeScript ${sample.version}`;
  const emitsElsewhere = sample.options['noEmit'] === true || sample.options['emitDeclarationOnly'] === true;
  switch (sample.output) {
    case 'legacy': {
      const metadata = sample.emitsMetadata ? ', with emitDecoratorMetadata' : '';
      return [ok(`Decorators are legacy ones (experimentalDecorators${metadata}): ${where}`)];
    }
    case 'standard':
      return [ok(`Decorators are standard ones, compiled away: ${where}`)];
    case 'untouched':
      return [
        (emitsElsewhere ? warn : problem)(
          `Decorators are left in the output, which no engine runs ("SyntaxError: Invalid or unexpected token"): ${where}`,
          `"target": "ES2022" in ${name}`,
          ...(emitsElsewhere ? ['tsc only checks types here, so the target of what bundles or runs it decides.'] : []),
        ),
      ];
    default:
      return [warn(`${where}: compiling a decorated method gave no output; run tsc -p ${name}`)];
  }
}
