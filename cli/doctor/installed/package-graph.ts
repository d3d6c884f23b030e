import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Manifest, type Project, readManifest } from '../project.js';

/** A copy of a package that the project can reach. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Its real folder, so that two links to one copy are one. */
  readonly dir: string;
  readonly manifest: Manifest;
  /** Who finds this copy under its name. */
  readonly dependents: InstalledPackage[];
}

/** Also looked for where no manifest names them: a hoisted copy is found all the same. */
const ALWAYS_LOOKED_FOR = ['track-inference', '@opentelemetry/api', '@opentelemetry/sdk-metrics'];

/**
 * The packages that a project can reach, each copy once: follows dependencies as Node resolves them, so that nested
 * copies, workspaces and the links of pnpm come out right.
 */
export class PackageGraph {
  readonly root: InstalledPackage;
  readonly #packages = new Map<string, InstalledPackage>();
  readonly #found = new Map<string, string | undefined>();

  constructor({ dir, manifest }: Project) {
    this.root = this.#enter(realpathSync(dir), manifest);
    const queue = [this.root];
    for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
      for (const name of this.#neededBy(one)) {
        const { found, isNew } = this.#resolve(name, one);
        if (found === undefined) continue;
        found.dependents.push(one);
        if (isNew) queue.push(found);
      }
    }
  }

  copiesOf(name: string): InstalledPackage[] {
    return [...this.#packages.values()].filter((one) => one.name === name);
  }

  /** The copy that code of a package gets under this name. */
  resolve(name: string, from: InstalledPackage): InstalledPackage | undefined {
    return this.#resolve(name, from).found;
  }

  #neededBy(one: InstalledPackage): string[] {
    const { dependencies, optionalDependencies, peerDependencies, devDependencies } = one.manifest;
    const isRoot = one === this.root;
    const names = { ...dependencies, ...optionalDependencies, ...peerDependencies, ...(isRoot && devDependencies) };
    return [...new Set([...Object.keys(names), ...(isRoot ? ALWAYS_LOOKED_FOR : [])])].filter(
      (name) => name !== one.name,
    );
  }

  #resolve(name: string, from: InstalledPackage): { found: InstalledPackage | undefined; isNew: boolean } {
    const dir = this.#find(name, from.dir);
    if (dir === undefined) return { found: undefined, isNew: false };
    const known = this.#packages.get(dir);
    return known ? { found: known, isNew: false } : { found: this.#enter(dir, readManifest(dir)), isNew: true };
  }

  #find(name: string, dir: string): string | undefined {
    const key = `${dir}\0${name}`;
    if (!this.#found.has(key)) {
      const candidate = join(dir, 'node_modules', name);
      const isThere = existsSync(join(candidate, 'package.json'));
      const parent = dirname(dir);
      this.#found.set(key, isThere ? realpathSync(candidate) : parent === dir ? undefined : this.#find(name, parent));
    }
    return this.#found.get(key);
  }

  #enter(dir: string, manifest: Manifest): InstalledPackage {
    const one = { name: manifest.name ?? dir, version: manifest.version ?? '0.0.0', dir, manifest, dependents: [] };
    this.#packages.set(dir, one);
    return one;
  }
}
