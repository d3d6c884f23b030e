import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.js';

const MAIN = fileURLToPath(new URL('../../../samples/gateway/main.ts', import.meta.url));

/** The sample gateway in processes of its own, as `npm start` runs it. */
export class GatewayProcess {
  readonly #child: ChildProcess;
  #output = '';
  #url = '';

  private constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], {
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text) => {
        this.#output += text;
      });
    }
  }

  static async start(args: readonly string[], env: NodeJS.ProcessEnv): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(args, env);
    gateway.#url = await until('the gateway', () => /sample gateway: (\S+)/.exec(gateway.output)?.[1], 60_000, 50);
    return gateway;
  }

  get url(): string {
    return this.#url;
  }

  get output(): string {
    return this.#output;
  }

  /** The process ids of its workers, by their number. */
  get workers(): Map<string, number> {
    const lines = this.#output.matchAll(/worker (\d+) listens \(pid (\d+)\)/g);
    return new Map([...lines].map(([, worker, pid]) => [worker as string, Number(pid)]));
  }

  /** Asks it to end, as a supervisor does, and returns its exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    // Not at its exit: what it printed last may still be on its way then.
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await closed;
    return this.#child.exitCode;
  }

  /** Sends a chat, for up to 256 tokens, on a connection of its own, so that it may reach any worker. */
  chat(maxTokens: number, options: { stream?: boolean; signal?: AbortSignal } = {}): Promise<Response> {
    const { stream = false, signal } = options;
    return fetch(`${this.#url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({
        model: 'local/markov',
        messages: [{ role: 'user', content: 'Tell me about the White Rabbit.' }],
        max_tokens: maxTokens,
        stream,
        // Without a limit its answer has 235 tokens.
        seed: 9,
      }),
      ...(signal && { signal }),
    });
  }
}
