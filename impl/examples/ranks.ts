// Owns the processes of an example and their out-of-band channel: each process is a rank with a device of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { type Device, type IpAddress, ip, openUdpDevice, TransportError, VerbsError } from '../index.ts';

/** What a rank tells its launcher: a contribution to the next exchange, or lines for the user. */
type Told =
  | { readonly kind: 'give'; readonly value: unknown }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

/** One process among several that run the same program. Only the exchanges go through the launcher; data never does. */
export type Rank = {
  /** From 0. */
  readonly index: number;
  readonly count: number;
  readonly device: Device;
  readonly addressOf: (index: number) => IpAddress;
  /** Gives a value and gets everybody's, in the order of the ranks: how QPNs, PSNs and keys travel. Also a barrier. */
  readonly exchange: <T>(value: T) => Promise<readonly T[]>;
  readonly print: (text: string) => void;
};

export type Launch = {
  /** The program's own file: `import.meta.url`. */
  readonly entry: string;
  /** How many processes. */
  readonly count: number;
  readonly run: (rank: Rank) => Promise<void>;
  /** Runs it on two machines instead, where the command line asks for that. */
  readonly elsewhere?: (run: (rank: Rank) => Promise<void>) => Promise<void>;
};

/** In the environment of a rank: its number, and the first three bytes of everybody's address. */
const RANK = 'GODWIT_EXAMPLE_RANK';
const NETWORK = 'GODWIT_EXAMPLE_NETWORK';

/** Loopback addresses that other runs on this machine do not use: made of the launcher's process number. */
const freeNetwork = (): string => `127.${100 + ((process.pid >> 8) & 63)}.${process.pid & 255}`;

/** Runs the program as `count` processes, or, in one of them, as that rank. Sets the exit code: 1 if any rank failed. */
export const launch = async (plan: Launch): Promise<void> => {
  const { [RANK]: rank, [NETWORK]: network } = process.env;
  if (plan.elsewhere !== undefined) await travel(plan.run, plan.elsewhere);
  else if (rank === undefined || network === undefined) await lead(plan);
  else await follow(plan, Number(rank), network);
};

const travel = async (run: Launch['run'], elsewhere: NonNullable<Launch['elsewhere']>): Promise<void> => {
  try {
    await elsewhere(run);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1); // whatever the run still waits for
  }
};

const lead = async ({ entry, count }: Launch): Promise<void> => {
  const given: unknown[][] = Array.from({ length: count }, () => []);
  const network = freeNetwork();
  const ranks = Array.from({ length: count }, (_, index) =>
    fork(new URL(entry), process.argv.slice(2), { env: { ...process.env, [RANK]: `${index}`, [NETWORK]: network } }),
  );
  let failed = false;
  const fail = (text: string): void => {
    if (!failed) process.stderr.write(`${text}\n`);
    failed = true;
    for (const child of ranks) child.kill();
  };
  for (const [index, child] of ranks.entries()) {
    child.on('message', (told: Told) => {
      if (told.kind === 'print') process.stdout.write(`${told.text}\n`);
      else if (told.kind === 'failed') fail(`rank ${index}: ${told.text}`);
      else {
        given[index]?.push(told.value);
        answer(ranks, given);
      }
    });
  }
  await Promise.all(
    ranks.map(async (child, index) => {
      const [code, signal] = await ended(child);
      if (code !== 0) fail(`rank ${index} ended early (${signal ?? `exit code ${code}`})`);
    }),
  );
  process.exitCode = failed ? 1 : 0;
};

const ended = (child: ChildProcess): Promise<readonly [number | null, string | null]> =>
  new Promise((resolve) => {
    child.once('close', (code, signal) => resolve([code, signal]));
  });

/** Sends the oldest contributions to all when everybody has made one. */
const answer = (ranks: readonly ChildProcess[], given: readonly unknown[][]): void => {
  if (given.some((values) => values.length === 0)) return;
  const round = given.map((values) => values.shift());
  for (const child of ranks) child.send({ round });
};

const tell = (told: Told): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(told, () => resolve());
  });

const follow = async ({ run, count }: Launch, index: number, network: string): Promise<void> => {
  const waiting: ((round: unknown) => void)[] = [];
  process.on('message', ({ round }: { readonly round: unknown }) => waiting.shift()?.(round));
  process.on('disconnect', () => process.exit(1));
  const addressOf = (rank: number): IpAddress => ip(`${network}.${rank + 1}`);
  try {
    const device = await openUdpDevice({ address: addressOf(index) });
    const exchange = <T>(value: T): Promise<readonly T[]> =>
      new Promise((resolve) => {
        waiting.push((round) => resolve(round as readonly T[])); // all ranks run this very program
        void tell({ kind: 'give', value });
      });
    const print = (text: string): void => void tell({ kind: 'print', text });
    await run({ index, count, device, addressOf, exchange, print });
    await device.close();
  } catch (error) {
    await tell({ kind: 'failed', text: reasonOf(error) });
    process.exitCode = 1;
  }
  process.removeAllListeners('disconnect');
  process.disconnect?.();
};

/** A user's trouble in one line; anything else with where it came from. */
const reasonOf = (error: unknown): string => {
  if (error instanceof VerbsError || error instanceof TransportError || error instanceof RunFailed)
    return error.message;
  if (error instanceof Error && 'syscall' in error) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

/** The run did not do what it is there to show. */
export class RunFailed extends Error {}
