import { type Finding, ok, problem } from '../finding.js';
import { dependsOn, type Project } from '../project.js';
import type { TypeScriptReading } from './typescript.js';

/** Nest's own decorators are legacy ones, and its injection reads their metadata. */
export function checkNest(project: Project, { sample }: TypeScriptReading): Finding[] {
  if (!dependsOn(project, '@nestjs/common') || sample === undefined) return [];
  if (sample.output !== 'legacy') {
    return [
      problem(
        'NestJS needs legacy decorators',
        '"experimentalDecorators": true, "emitDecoratorMetadata": true; @TrackInference works with them as it is.',
      ),
    ];
  }
  if (!sample.emitsMetadata) {
    return [
      problem(
        'NestJS injects by types, which takes emitDecoratorMetadata',
        '"emitDecoratorMetadata": true. tsx and esbuild never emit it: under them say @Inject(Service).',
      ),
    ];
  }
  return [ok('NestJS: legacy decorators with metadata')];
}
