import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/until.js';
import { type Backend, pathOf } from './backends.js';

/** A port that was free a moment ago: these servers cannot be asked which one they took. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'track-inference-'));
}

/** A real server, running in a folder of its own until it is stopped. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #folder: string;
  #log = '';

  constructor(backend: Backend, folder: string, args: readonly string[]) {
    this.#name = backend;
    this.#folder = folder;
    this.#child = spawn(pathOf(backend), args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      output?.on('data', (text) => {
        this.#log = (this.#log + text).slice(-4_000);
      });
    }
  }

  /** Waits for `url` to answer 200; tells what the server said if it ends instead. */
  async ready(url: string): Promise<void> {
    await until(
      `${this.#name} to be ready`,
      () => {
        if (this.#child.exitCode !== null) throw new Error(`${this.#name} ended:\n${this.#log}`);
        return fetch(url).then(
          (response) => response.ok,
          () => false,
        );
      },
      60_000,
    );
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(impatient);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
