// Owns one host process as the orchestrator sees it: fork, calls with answers, news, death.
import { type ChildProcess, fork } from 'node:child_process';
import type { CallName, Calls, HostMessage } from './control.ts';

/** A host answered that it cannot; `code` is an errno name, an image rule, or another short word. */
export class HostRefused extends Error {
  override readonly name = 'HostRefused';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** A host process has ended that was to live on. */
export class HostEnded extends Error {
  override readonly name = 'HostEnded';
}

export type Progress = Extract<HostMessage, { type: 'progress' }>;

type Waiting = { readonly resolve: (reply: unknown) => void; readonly reject: (error: Error) => void };

/** The compiled entry of a host process: beside this file, or in dist when this file runs as source under vitest. */
const ENTRY = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/proofs-tests/migrate/host-main.js', import.meta.url)
  : new URL('./host-main.js', import.meta.url);

export class HostProcess {
  readonly name: string;
  /** Called with every piece of news, and when the process ends without having been killed. */
  onProgress: (progress: Progress) => void = () => {};
  onDeath: (error: Error) => void = () => {};
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended = false;
  #stderr = '';

  constructor(name: string) {
    this.name = name;
    this.#child = fork(ENTRY, [name], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'json',
      execArgv: [],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = `${this.#stderr}${chunk}`.slice(-4000);
    });
    this.#child.on('message', (message: HostMessage) => this.#heard(message));
    this.#child.on('error', (error) => this.#closed(error.message));
    this.#child.on('close', (code, signal) => this.#closed(signal ?? `code ${code}`));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks; rejects with HostRefused, or when the process ends first. */
  call<K extends CallName>(call: K, request: Calls[K]['request']): Promise<Calls[K]['reply']> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#ended) throw new HostEnded(`the ${this.name} process has ended`);
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, call, request }, (error) => {
        if (error) reject(error);
      });
    }).then((reply) => reply as Calls[K]['reply']); // the host runs this very program, so its answers are its types
  }

  /** SIGKILL: no handler runs, nothing is flushed; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.onDeath = () => {};
    if (this.#ended) return;
    await new Promise<void>((resolve) => {
      this.#child.once('close', () => resolve());
      this.#child.kill('SIGKILL');
    });
  }

  #heard(message: HostMessage): void {
    if (message.type === 'progress') {
      this.onProgress(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === 'reply') waiting?.resolve(message.reply);
    else waiting?.reject(new HostRefused(message.code, `${this.name}: ${message.message}`));
  }

  #closed(how: string): void {
    this.#ended = true;
    const error = new HostEnded(
      `the ${this.name} process ended (${how})${this.#stderr === '' ? '' : `: ${this.#stderr.trim()}`}`,
    );
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.onDeath(error);
  }
}
