// Ping-pong: two processes send a message to and fro; prints the latency distribution, as ib_send_lat does.
//
//   node dist/impl/examples/ping-pong.js --size 64 --iters 10000
//   node dist/impl/examples/ping-pong.js --wait        awaits completions instead of polling for them
//
// On two machines, as ibv_rc_pingpong: UDP port 4791 and TCP port 18515 must be open between them.
//   first:   node dist/impl/examples/ping-pong.js --serve
//   second:  node dist/impl/examples/ping-pong.js --connect FIRST
import { postRecv, postSend, type Qp, unwrap } from '../index.ts';
import { allocate, connect, createQueuePair, endpointOf, poll, type Resources, wait } from './connection.ts';
import { readFlags } from './flags.ts';
import { microseconds, percentile, sorted } from './percentiles.ts';
import { launch, type Rank, RunFailed } from './ranks.ts';
import { MEETING_FLAGS, meetingMistake, meets, pathMtuOf, runOnTwoMachines } from './two-machines.ts';

const PURPOSE = 'Ping-pong over RC SEND between two processes: half of each round trip, in microseconds.';
const FLAGS = {
  size: { kind: 'number', default: 64, min: 4, max: 1 << 20, help: 'bytes of a message' },
  iters: { kind: 'number', default: 10_000, min: 1, max: 10_000_000, help: 'round trips measured' },
  warmup: { kind: 'number', default: 1000, min: 0, max: 1_000_000, help: 'round trips before' },
  wait: { kind: 'switch', help: 'await completions instead of polling for them' },
  ...MEETING_FLAGS,
} as const;
const flags = readFlags(PURPOSE, FLAGS, meetingMistake);

/** What two machines have to agree on. */
const IDENTITY = `ping-pong --size ${flags.size} --iters ${flags.iters} --warmup ${flags.warmup} --mtu ${flags.mtu}`;

const DEPTH = 64;
/** Every so many sends one is signalled, so that the send queue empties. */
const SIGNAL_EVERY = 16;

/** One end: the message to be sent lies at 0, the one received behind it. */
class End {
  readonly #resources: Resources;
  readonly #qp: Qp;
  readonly #view: DataView;

  constructor(resources: Resources, qp: Qp) {
    this.#resources = resources;
    this.#qp = qp;
    this.#view = new DataView(resources.bytes.buffer);
  }

  receive(): void {
    const { addr, lkey } = this.#resources.mr;
    unwrap(postRecv(this.#qp, { wrId: 0, sgList: [{ addr: addr + flags.size, length: flags.size, lkey }] }));
  }

  send(number: number): void {
    const { addr, lkey } = this.#resources.mr;
    this.#view.setUint32(0, number);
    const signaled = number % SIGNAL_EVERY === 0;
    unwrap(
      postSend(this.#qp, { wrId: number, opcode: 'SEND', sgList: [{ addr, length: flags.size, lkey }], signaled }),
    );
  }

  /** Waits for message `number`. */
  async arrival(number: number): Promise<void> {
    for (;;) {
      for (const { opcode } of await (flags.wait ? wait : poll)(this.#resources)) {
        if (opcode !== 'RECV') continue;
        const found = this.#view.getUint32(flags.size);
        if (found !== number) throw new RunFailed(`message ${found} came in the place of ${number}`);
        return;
      }
    }
  }
}

const report = (rank: Rank, roundTrips: readonly number[], seconds: number): void => {
  const half = sorted(roundTrips.map((ms) => ms / 2));
  const line = (name: string, share: number): string => `  ${name.padEnd(6)} ${microseconds(percentile(half, share))}`;
  rank.print(`${flags.iters} round trips of ${flags.size} bytes, ${flags.wait ? 'awaiting' : 'polling'}; half, in us:`);
  rank.print(line('min', 0));
  for (const share of [50, 90, 99, 99.9]) rank.print(line(`p${share}`, share / 100));
  rank.print(line('max', 1));
  rank.print(`${Math.round(flags.iters / seconds)} round trips/s`);
};

const play = async (rank: Rank, end: End): Promise<void> => {
  const roundTrips: number[] = [];
  const total = flags.warmup + flags.iters;
  let measuredFrom = performance.now();
  for (let number = 1; number <= total; number++) {
    if (number === flags.warmup + 1) measuredFrom = performance.now();
    const began = performance.now();
    if (rank.index === 0) end.send(number);
    await end.arrival(number);
    end.receive();
    if (rank.index === 1) end.send(number);
    else if (number > flags.warmup) roundTrips.push(performance.now() - began);
  }
  if (rank.index === 0) report(rank, roundTrips, (performance.now() - measuredFrom) / 1000);
};

await launch({
  entry: import.meta.url,
  count: 2,
  ...(meets(flags) ? { elsewhere: (run) => runOnTwoMachines(flags, IDENTITY, run) } : {}),
  run: async (rank) => {
    const resources = allocate(rank, 2 * flags.size, DEPTH);
    const qp = createQueuePair(resources, DEPTH);
    const end = new End(resources, qp);
    end.receive();
    const own = endpointOf(resources, qp);
    const peer = (await rank.exchange(own))[1 - rank.index];
    if (peer === undefined) throw new RunFailed('there is no peer');
    connect(qp, own, peer, rank.addressOf(1 - rank.index), pathMtuOf(flags));
    await rank.exchange('connected');
    await play(rank, end);
    await rank.exchange('done');
  },
});
