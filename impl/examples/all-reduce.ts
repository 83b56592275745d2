// Ring all-reduce: every rank ends with the sum of everybody's float32 vector, as in training across machines.
//
//   node dist/impl/examples/all-reduce.js --ranks 4 --elements 1048576
//
// Each rank has one queue pair to the next and one from the previous rank. In N-1 steps partial sums go round the ring by
// RDMA WRITE with immediate into the next rank's inbox; in N-1 more the finished parts go round, straight into its vector.
import { postRecv, postSend, type Qp, unwrap } from '../index.ts';
import { allocate, connect, createQueuePair, type Endpoint, endpointOf, poll, type Resources } from './connection.ts';
import { readFlags } from './flags.ts';
import { percentile, sorted } from './percentiles.ts';
import { launch, type Rank, RunFailed } from './ranks.ts';

const flags = readFlags('Ring all-reduce of float32 vectors over several processes; every result is verified.', {
  ranks: { kind: 'number', default: 4, min: 2, max: 64, help: 'processes' },
  elements: { kind: 'number', default: 262_144, min: 1, max: 1 << 26, help: 'float32 elements of the vector' },
  rounds: { kind: 'number', default: 10, min: 1, max: 100_000, help: 'all-reduces' },
});

const STEPS = 2 * (flags.ranks - 1);
const CHUNK = Math.ceil(flags.elements / flags.ranks);
/** Bytes of the vector, filled up to whole chunks; the inbox, a chunk for each step of summing, lies behind it. */
const VECTOR_BYTES = CHUNK * flags.ranks * 4;
const INBOX_BYTES = CHUNK * (flags.ranks - 1) * 4;

const modulo = (n: number): number => ((n % flags.ranks) + flags.ranks) % flags.ranks;

/** Small integers: their float32 sums are exact, whatever the order. */
const element = (rank: number, round: number, i: number): number => ((i * 7 + rank * 13 + round * 5) % 64) - 32;

class Ring {
  readonly #rank: Rank;
  readonly #resources: Resources;
  readonly #next: Qp;
  readonly #previous: Qp;
  readonly #peer: Endpoint;
  readonly #vector: Float32Array;
  readonly #inbox: Float32Array;
  /** Steps whose data the previous rank has put in place, all rounds counted. */
  #arrived = 0;
  #sent = 0;
  #completed = 0;

  constructor(rank: Rank, resources: Resources, next: Qp, previous: Qp, peer: Endpoint) {
    this.#rank = rank;
    this.#resources = resources;
    this.#next = next;
    this.#previous = previous;
    this.#peer = peer;
    this.#vector = new Float32Array(resources.bytes.buffer, 0, CHUNK * flags.ranks);
    this.#inbox = new Float32Array(resources.bytes.buffer, VECTOR_BYTES, CHUNK * (flags.ranks - 1));
    for (let i = 0; i < STEPS; i++) this.#receive();
  }

  /** A WRITE with immediate takes a receive, without any buffer. */
  #receive(): void {
    unwrap(postRecv(this.#previous, { wrId: 0 }));
  }

  fill(round: number): void {
    const { index } = this.#rank;
    for (let i = 0; i < flags.elements; i++) this.#vector[i] = element(index, round, i);
  }

  async reduce(): Promise<void> {
    const { index } = this.#rank;
    const began = this.#arrived;
    for (let step = 0; step < flags.ranks - 1; step++) {
      this.#write(modulo(index - step), VECTOR_BYTES + step * CHUNK * 4, step);
      await this.#until(() => this.#arrived > began + step);
      this.#add(modulo(index - step - 1), step);
    }
    for (let step = 0; step < flags.ranks - 1; step++) {
      const chunk = modulo(index + 1 - step);
      this.#write(chunk, chunk * CHUNK * 4, flags.ranks - 1 + step);
      await this.#until(() => this.#arrived > began + flags.ranks - 1 + step);
    }
    await this.#until(() => this.#completed === this.#sent);
  }

  /** Writes a chunk of the vector to a place in the next rank's memory. */
  #write(chunk: number, place: number, imm: number): void {
    const { addr, lkey } = this.#resources.mr;
    const sgList = [{ addr: addr + chunk * CHUNK * 4, length: CHUNK * 4, lkey }];
    const remote = { remoteAddr: this.#peer.addr + place, rkey: this.#peer.rkey };
    this.#sent++;
    unwrap(
      postSend(this.#next, { wrId: this.#sent, opcode: 'RDMA_WRITE_WITH_IMM', imm, sgList, ...remote, signaled: true }),
    );
  }

  #add(chunk: number, step: number): void {
    const [to, from] = [chunk * CHUNK, step * CHUNK];
    for (let i = 0; i < CHUNK; i++) this.#vector[to + i] = (this.#vector[to + i] ?? 0) + (this.#inbox[from + i] ?? 0);
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) {
      for (const { opcode, wrId, imm } of await poll(this.#resources)) {
        if (opcode !== 'RECV_RDMA_WITH_IMM') this.#completed = wrId;
        else {
          if (imm !== this.#arrived % STEPS)
            throw new RunFailed(`step ${imm} came in the place of ${this.#arrived % STEPS}`);
          this.#arrived++;
          this.#receive();
        }
      }
    }
  }

  /** Throws unless the vector is the sum of everybody's. */
  verify(round: number): void {
    for (let i = 0; i < flags.elements; i++) {
      let sum = 0;
      for (let rank = 0; rank < flags.ranks; rank++) sum += element(rank, round, i);
      if (this.#vector[i] !== sum)
        throw new RunFailed(`round ${round}: element ${i} is ${this.#vector[i]}, not ${sum}`);
    }
  }
}

/** `bus` counts what crosses each link, so that it does not depend on the number of ranks. */
const report = (rank: Rank, times: readonly number[]): void => {
  const bytes = flags.elements * 4;
  const median = percentile(sorted(times), 0.5);
  const speed = bytes / (1 << 20) / (median / 1000);
  const bus = (speed * STEPS) / flags.ranks;
  rank.print(
    `${flags.rounds} all-reduces of ${flags.elements} float32 (${bytes} bytes) over ${flags.ranks} ranks, all verified`,
  );
  rank.print(`median ${median.toFixed(2)} ms, ${speed.toFixed(1)} MiB/s, bus ${bus.toFixed(1)} MiB/s`);
};

await launch({
  entry: import.meta.url,
  count: flags.ranks,
  run: async (rank) => {
    const resources = allocate(rank, VECTOR_BYTES + INBOX_BYTES, 4 * STEPS);
    const [next, previous] = [createQueuePair(resources, 2 * STEPS), createQueuePair(resources, 2 * STEPS)];
    const own = [endpointOf(resources, next), endpointOf(resources, previous)] as const;
    const all = await rank.exchange(own);
    const [after, before] = [modulo(rank.index + 1), modulo(rank.index - 1)];
    const [toNext, toPrevious] = [all[after]?.[1], all[before]?.[0]];
    if (toNext === undefined || toPrevious === undefined) throw new RunFailed('the ring is broken');
    connect(next, own[0], toNext, rank.addressOf(after));
    connect(previous, own[1], toPrevious, rank.addressOf(before));
    const ring = new Ring(rank, resources, next, previous, toNext);
    const times: number[] = [];
    for (let round = 0; round < flags.rounds; round++) {
      ring.fill(round);
      await rank.exchange('filled');
      const began = performance.now();
      await ring.reduce();
      times.push(performance.now() - began);
      ring.verify(round);
    }
    await rank.exchange('verified');
    if (rank.index === 0) report(rank, times);
  },
});
