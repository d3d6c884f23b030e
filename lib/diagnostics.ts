import { diag } from '@opentelemetry/api';

/** Past this many distinct causes nothing more is reported: error messages can come from strangers. */
const MAX_CAUSES = 1000;

/**
 * Tells the operator about a fault of telemetry through OpenTelemetry's `diag`, once per cause.
 *
 * The cause is where it happened (member and option) together with the error's message; the same cause stays silent
 * from then on. Never throws, whatever was thrown at it.
 */
export const warnOnce = /* @__PURE__ */ oncePerCause();

/** A {@link warnOnce} that has heard of nothing yet. */
export function oncePerCause(): (where: string, problem: unknown) => void {
  const reported = new Set<string>();
  return function warnOnce(where, problem) {
    try {
      const cause = `${where}: ${messageOf(problem)}`;
      if (reported.has(cause) || reported.size >= MAX_CAUSES) return;
      reported.add(cause);
      diag.warn(`track-inference: ${cause}`);
      if (reported.size === MAX_CAUSES) {
        diag.warn(`track-inference: ${MAX_CAUSES} distinct problems reported; further ones are not.`);
      }
    } catch {
      // A logger that throws must not reach the caller's request.
    }
  };
}

function messageOf(problem: unknown): string {
  if (typeof problem === 'string') return problem;
  if (problem instanceof Error) return problem.message;
  return `threw ${typeof problem === 'object' ? Object.prototype.toString.call(problem) : String(problem)}`;
}
