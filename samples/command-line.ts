import { parseArgs } from 'node:util';

/**
 * The options of a program, `--name value` each, turned into what it needs by `read`. `--help` prints how it is used and
 * ends it; so does an option that nobody knows, or that `read` throws at.
 */
export function readOptions<Name extends string, T>(
  usage: string,
  defaults: Readonly<Record<Name, string>>,
  read: (values: Readonly<Record<Name, string>>) => T,
): T {
  const names = Object.keys(defaults) as Name[];
  const texts = Object.fromEntries(names.map((name) => [name, { type: 'string', default: defaults[name] }] as const));
  try {
    const { values } = parseArgs({ options: { ...texts, help: { type: 'boolean', short: 'h' } } });
    if (values.help !== true) return read(values as Record<Name, string>);
  } catch (error) {
    return quit(`${(error as Error).message}\n\n${usage}`);
  }
  console.log(usage);
  process.exit(0);
}

export function quit(message: string): never {
  console.error(message);
  process.exit(1);
}
