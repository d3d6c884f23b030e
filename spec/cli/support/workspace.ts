import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What applications install beside track-inference; copies, because a link would lead back into this repository. */
const COPIED = [
  'eventsource-parser',
  ...[
    'api',
    'api-logs',
    'core',
    'exporter-metrics-otlp-http',
    'exporter-metrics-otlp-proto',
    'exporter-prometheus',
    'otlp-exporter-base',
    'otlp-transformer',
    'resources',
    'sdk-logs',
    'sdk-metrics',
    'sdk-trace',
    'semantic-conventions',
  ].map((name) => `@opentelemetry/${name}`),
];
const LINKED = ['typescript', 'tsx'];

/** A folder in which projects find the packages that they have in common, as in a workspace. */
export class Workspace {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'track-inference-doctor-')));

  constructor() {
    const own = join(this.#modules, 'track-inference');
    copy('dist', join(own, 'dist'));
    cpSync('package.json', join(own, 'package.json'));
    for (const name of COPIED) this.install(name);
    for (const name of LINKED) symlinkSync(realpathSync(join('node_modules', name)), join(this.#modules, name));
  }

  get #modules(): string {
    return join(this.dir, 'node_modules');
  }

  /** The built program, as `npx track-inference` runs it. */
  get program(): string {
    return join(this.#modules, 'track-inference/dist/cli/main.js');
  }

  /** Puts a copy of a package into the workspace, or into one project under another version. */
  install(name: string, project = '', version?: string): void {
    const target = join(this.dir, project, 'node_modules', name);
    copy(join('node_modules', name), target);
    if (version === undefined) return;
    // The API compares what its module says; a range is compared with what the manifest says.
    rewrite(join(target, 'package.json'), (text) => text.replace(/"version": "[\d.]+"/, `"version": "${version}"`));
    rewrite(join(target, 'build/src/version.js'), (text) =>
      text.replace(/VERSION = '[\d.]+'/, `VERSION = '${version}'`),
    );
  }

  /** Writes a project's files, a package.json among them, and returns its folder. */
  project(name: string, files: Readonly<Record<string, string | object>>, manifest: object = {}): string {
    const dir = join(this.dir, name);
    const all = {
      'package.json': { name, type: 'module', dependencies: { 'track-inference': '*' }, ...manifest },
      ...files,
    };
    for (const [file, content] of Object.entries(all)) {
      mkdirSync(dirname(join(dir, file)), { recursive: true });
      writeFileSync(join(dir, file), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return dir;
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

function copy(from: string, to: string): void {
  const unneeded = /\.(map|d\.ts|d\.mts)$|\/build\/es[a-z]+$/;
  cpSync(from, to, { recursive: true, dereference: true, filter: (path) => !unneeded.test(path) });
}

function rewrite(file: string, change: (text: string) => string): void {
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${file} has no version to change`);
  writeFileSync(file, after);
}
