// Owns the view over all hosts of a run: how far the streams are, and when they have ended, died or stalled.
import type { HostProcess, Progress } from './host-process.ts';

/** Without a message received for this long the streams are taken to hang. */
const STALL_MS = 15_000;

/** How the streams ended: complete, with harm done to one, or without anything moving any more. */
export type Ending = 'complete' | 'harmed' | 'stalled';

/** The streams ended before the migration did. */
export class EndedEarly extends Error {
  override readonly name = 'EndedEarly';

  constructor(ending: Ending, detail: string) {
    super(`the streams were ${ending} before the migration was over${detail === '' ? '' : `: ${detail}`}`);
  }
}

type Watched = { readonly source: HostProcess; readonly peer: HostProcess; readonly target: HostProcess };

/** Follows the streams. */
export class Watch {
  readonly #hosts: Watched;
  readonly #latest = new Map<HostProcess, Progress>();
  readonly #ended: Promise<Ending>;
  readonly #timer: NodeJS.Timeout;
  #movedAt = performance.now();
  #resolve: (ending: Ending) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(hosts: Watched, onProgress: (received: number) => void) {
    this.#hosts = hosts;
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#ended.catch(() => {}); // whoever awaits it later still sees the rejection
    for (const host of [hosts.source, hosts.peer, hosts.target]) {
      host.onDeath = (error) => this.#reject(error);
      host.onProgress = (progress) => this.#heard(host, progress, onProgress);
    }
    this.#timer = setInterval(() => {
      if (performance.now() - this.#movedAt > STALL_MS) this.#resolve('stalled');
    }, 500);
  }

  #heard(host: HostProcess, progress: Progress, onProgress: (received: number) => void): void {
    if (progress.received !== this.#latest.get(host)?.received) this.#movedAt = performance.now();
    this.#latest.set(host, progress);
    const { source, peer, target } = this.#hosts;
    const received = (each: HostProcess): number => this.#latest.get(each)?.received ?? 0;
    onProgress(Math.max(received(source), received(target)) + received(peer));
    if (progress.harmed > 0) this.#resolve('harmed');
    if (this.#latest.get(target)?.done && this.#latest.get(peer)?.done) this.#resolve('complete');
  }

  /** Resolves when target and peer have sent and received everything, or will not; rejects when a process dies. */
  ended(): Promise<Ending> {
    return this.#ended;
  }

  /** A step of the migration, given up with EndedEarly when the streams end before it. */
  during<T>(step: Promise<T>): Promise<T> {
    return Promise.race([
      step,
      this.#ended.then((ending) => {
        throw new EndedEarly(ending, this.failures());
      }),
    ]);
  }

  /** Failed completions of all hosts by status, as words; empty if there are none. */
  failures(): string {
    const { source, peer, target } = this.#hosts;
    const told = [source, peer, target].flatMap((host) =>
      Object.entries(this.#latest.get(host)?.failures ?? {}).map(
        ([status, n]) => `${n} x ${status} at the ${host.name}`,
      ),
    );
    return told.join(', ');
  }

  /** The last news of a host; undefined before the first. */
  latest(host: HostProcess): Progress | undefined {
    return this.#latest.get(host);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
