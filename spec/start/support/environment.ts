/** Sets environment variables, until {@link restoreEnvironment}. */
export function withEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (!changed.has(name)) changed.set(name, process.env[name]);
    process.env[name] = value;
  }
}

const changed = new Map<string, string | undefined>();

/** Puts back what {@link withEnvironment} changed; for a spec's `afterEach`. */
export function restoreEnvironment(): void {
  for (const [name, value] of changed) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  changed.clear();
}
