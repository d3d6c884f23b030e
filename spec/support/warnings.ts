import { DiagLogLevel, diag } from '@opentelemetry/api';

/** What the operator hears through `diag` from now on; `diag.disable()` ends it. */
export function heardWarnings(): string[] {
  const warnings: string[] = [];
  const ignore = () => {};
  const hear = (message: string) => void warnings.push(message);
  diag.setLogger(
    { warn: hear, error: hear, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  return warnings;
}
