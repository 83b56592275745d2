// Key-value store: clients read and write a table in the server's memory by one-sided READ, WRITE and atomics.
//
//   node dist/impl/examples/key-value.js --clients 3 --keys 100 --ops 2000
//
// Once its queue pairs are connected the server's program does nothing at all. Clients put values that check themselves,
// read them while others write, and increment shared values; at the end not one increment may be missing.
import { pollCq } from '../index.ts';
import { allocate, connect, createQueuePair, endpointOf } from './connection.ts';
import { readFlags } from './flags.ts';
import { CLIENT_BYTES, KvClient } from './kv-client.ts';
import { SLOT_BYTES, VALUE_BYTES } from './kv-table.ts';
import { microseconds, percentile, sorted } from './percentiles.ts';
import { launch, type Rank, RunFailed } from './ranks.ts';

const flags = readFlags('A key-value store on one-sided operations: one server, several clients, all processes.', {
  clients: { kind: 'number', default: 3, min: 1, max: 32, help: 'client processes' },
  keys: { kind: 'number', default: 64, min: 1, max: 100_000, help: 'different keys' },
  ops: { kind: 'number', default: 2000, min: 1, max: 10_000_000, help: 'operations of each client' },
  writes: { kind: 'number', default: 20, min: 0, max: 100, help: 'percentage of them that write' },
});

const SLOTS = 2 * flags.keys;
const DEPTH = 16;

/** Chance that a run repeats: a linear congruential sequence for each client. */
const sequence = (seed: number): ((below: number) => number) => {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
};

/** A value: how often it was incremented, and a pattern made from that number. */
const patternOf = (count: number): Uint8Array => {
  const value = Uint8Array.from({ length: VALUE_BYTES }, (_, i) => count + i);
  new DataView(value.buffer).setUint32(0, count);
  return value;
};

/** The number in a value; throws if the rest does not fit to it. */
const countIn = (value: Uint8Array | undefined): number => {
  if (value === undefined) return 0;
  const count = new DataView(value.buffer, value.byteOffset).getUint32(0);
  if (patternOf(count).some((byte, i) => byte !== value[i])) throw new RunFailed('a value was read that nobody wrote');
  return count;
};

type Outcome = {
  readonly writes: number;
  readonly gets: readonly number[];
  readonly puts: readonly number[];
  readonly lostRaces: number;
  readonly rereads: number;
};

const work = async (rank: Rank, client: KvClient): Promise<Outcome> => {
  const random = sequence(rank.index);
  const [gets, puts]: [number[], number[]] = [[], []];
  for (let i = 0; i < flags.ops; i++) {
    const key = BigInt(1 + random(flags.keys));
    const writes = random(100) < flags.writes;
    const began = performance.now();
    if (writes) await client.update(key, (before) => patternOf(countIn(before) + 1));
    else countIn(await client.get(key));
    (writes ? puts : gets).push(performance.now() - began);
  }
  await client.count(BigInt(puts.length));
  return { writes: puts.length, gets, puts, ...client.conflicts };
};

/** Every increment must have arrived: in the values, and in the counter that FETCH_ADD has kept. */
const verify = async (client: KvClient, expected: number): Promise<void> => {
  let total = 0;
  for (let key = 1; key <= flags.keys; key++) total += countIn(await client.get(BigInt(key)));
  if (total !== expected) throw new RunFailed(`the values count ${total} writes, ${expected} were made`);
  const counted = await client.count(0n);
  if (counted !== BigInt(expected)) throw new RunFailed(`the counter says ${counted}, ${expected} writes were made`);
};

const report = (rank: Rank, outcomes: readonly Outcome[], seconds: number): void => {
  const total = (of: (outcome: Outcome) => number): number => outcomes.reduce((sum, each) => sum + of(each), 0);
  const line = (name: string, times: readonly number[]): string => {
    const ascending = sorted(times);
    const [p50, p99] = [percentile(ascending, 0.5), percentile(ascending, 0.99)].map(microseconds);
    return `  ${name}  ${`${times.length}`.padStart(8)}   p50 ${p50} us   p99 ${p99} us`;
  };
  rank.print(
    `${flags.clients} clients, ${flags.keys} keys, ${Math.round((flags.clients * flags.ops) / seconds)} operations/s`,
  );
  rank.print(
    line(
      'get',
      outcomes.flatMap(({ gets }) => gets),
    ),
  );
  rank.print(
    line(
      'put',
      outcomes.flatMap(({ puts }) => puts),
    ),
  );
  rank.print(
    `  compare-and-swap lost ${total((each) => each.lostRaces)} times, slots reread ${total((each) => each.rereads)} times`,
  );
  rank.print('every value read was one that somebody wrote, and no write is missing');
};

/** Registers the table, connects every client, and sleeps until they are done. */
const serve = async (rank: Rank): Promise<void> => {
  const resources = allocate(rank, SLOTS * SLOT_BYTES + 8, DEPTH);
  const qps = Array.from({ length: flags.clients }, () => createQueuePair(resources, DEPTH));
  const own = qps.map((qp) => endpointOf(resources, qp));
  const all = await rank.exchange(own);
  for (const [i, qp] of qps.entries()) {
    const [mine, peer] = [own[i], all[i + 1]?.[0]];
    if (mine === undefined || peer === undefined) throw new RunFailed(`client ${i + 1} has no queue pair`);
    connect(qp, mine, peer, rank.addressOf(i + 1));
  }
  await rank.exchange('connected');
  await rank.exchange(null);
  await rank.exchange('verified');
  rank.print(`the server's program took ${pollCq(resources.cq).length} completions and posted nothing`);
};

const use = async (rank: Rank): Promise<void> => {
  const resources = allocate(rank, CLIENT_BYTES, DEPTH);
  const qp = createQueuePair(resources, DEPTH);
  const own = endpointOf(resources, qp);
  const server = (await rank.exchange([own]))[0]?.[rank.index - 1];
  if (server === undefined) throw new RunFailed('the server has no queue pair for this client');
  connect(qp, own, server, rank.addressOf(0));
  await rank.exchange('connected');
  const client = new KvClient(resources, qp, server, SLOTS);
  const began = performance.now();
  const outcome = await work(rank, client);
  const outcomes = (await rank.exchange<Outcome | null>(outcome)).filter((each) => each !== null);
  const seconds = (performance.now() - began) / 1000;
  if (rank.index === 1) {
    await verify(
      client,
      outcomes.reduce((sum, { writes }) => sum + writes, 0),
    );
    report(rank, outcomes, seconds);
  }
  await rank.exchange('verified');
};

await launch({
  entry: import.meta.url,
  count: flags.clients + 1,
  run: (rank) => (rank.index === 0 ? serve(rank) : use(rank)),
});
