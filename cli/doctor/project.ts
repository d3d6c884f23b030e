import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the doctor reads of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly engines?: Readonly<Record<string, string>>;
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly babel?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** The project that is looked at. */
export interface Project {
  readonly dir: string;
  readonly manifest: Manifest;
}

/** The nearest project at or above a folder. Throws what to do where there is none. */
export function findProject(from: string): Project {
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return { dir, manifest: readManifest(dir) };
    if (dir === dirname(dir)) {
      throw new Error(`No package.json in ${resolve(from)} or above it. Name the project: --project <folder>`);
    }
  }
}

/** The package that this program belongs to. */
export function ownPackage(): Project {
  return findProject(dirname(fileURLToPath(import.meta.url)));
}

export function readManifest(dir: string): Manifest {
  const file = join(dir, 'package.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    throw new Error(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A file of the project as text; undefined if it is not there. */
export function readText(project: Project, name: string): string | undefined {
  const file = join(project.dir, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

export function dependsOn({ manifest }: Project, name: string): boolean {
  return [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies].some(
    (list) => list?.[name] !== undefined,
  );
}
