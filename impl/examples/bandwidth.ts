// Bandwidth: one process moves data to or from another as fast as it goes; prints a table over sizes, as ib_write_bw -a does.
//
//   node dist/impl/examples/bandwidth.js --op write
//   node dist/impl/examples/bandwidth.js --op read --from 1024 --to 65536 --iters 2000
//
// On two machines, the flags alike at both: --serve on the first, --connect FIRST on the second.
import { postRecv, postSend, type Qp, type SendWr, unwrap } from '../index.ts';
import { allocate, connect, createQueuePair, type Endpoint, endpointOf, poll, type Resources } from './connection.ts';
import { readFlags } from './flags.ts';
import { launch, type Rank, RunFailed } from './ranks.ts';
import { MEETING_FLAGS, meetingMistake, meets, pathMtuOf, runOnTwoMachines } from './two-machines.ts';

const FLAGS = {
  op: { kind: 'choice', default: 'write', choices: ['send', 'write', 'read'], help: 'what is measured' },
  from: { kind: 'number', default: 64, min: 1, max: 1 << 23, help: 'bytes of the smallest message; sizes double' },
  to: { kind: 'number', default: 65_536, min: 1, max: 1 << 23, help: 'bytes of the largest message' },
  iters: { kind: 'number', default: 5000, min: 1, max: 10_000_000, help: 'messages of each size' },
  depth: { kind: 'number', default: 128, min: 1, max: 4096, help: 'messages under way at once' },
  ...MEETING_FLAGS,
} as const;
const flags = readFlags('Bandwidth of RC SEND, RDMA WRITE or RDMA READ between two processes.', FLAGS, (values) =>
  values.from > values.to ? `--from ${values.from}: above --to ${values.to}` : meetingMistake(values),
);

/** What two machines have to agree on. */
const IDENTITY = [
  `bandwidth --op ${flags.op} --from ${flags.from} --to ${flags.to}`,
  `--iters ${flags.iters} --depth ${flags.depth} --mtu ${flags.mtu}`,
].join(' ');

const MIB = 1 << 20;
/** Every so many messages a completion is asked for. */
const SIGNAL_EVERY = Math.ceil(flags.depth / 4);

const sizes = (): readonly number[] => {
  const all: number[] = [];
  for (let size = flags.from; size <= flags.to; size *= 2) all.push(size);
  return all;
};
const LARGEST = Math.max(...sizes());

const requestOf = ({ mr }: Resources, peer: Endpoint, size: number, number: number): SendWr => {
  const sgList = [{ addr: mr.addr, length: size, lkey: mr.lkey }];
  const signaled = number % SIGNAL_EVERY === 0 || number === flags.iters;
  const common = { wrId: number, sgList, signaled, remoteAddr: peer.addr, rkey: peer.rkey };
  if (flags.op === 'read') return { ...common, opcode: 'RDMA_READ' };
  return flags.op === 'write' ? { ...common, opcode: 'RDMA_WRITE' } : { ...common, opcode: 'SEND' };
};

/** Moves all messages of one size; returns the seconds that took. */
const move = async (resources: Resources, qp: Qp, peer: Endpoint, size: number): Promise<number> => {
  const began = performance.now();
  let [posted, done] = [0, 0];
  while (done < flags.iters) {
    for (; posted < flags.iters && posted - done < flags.depth; posted++)
      unwrap(postSend(qp, requestOf(resources, peer, size, posted + 1)));
    for (const { wrId } of await poll(resources)) done = wrId;
  }
  return (performance.now() - began) / 1000;
};

/** The end that SENDs go to keeps its receives posted; the other operations do not involve it. */
const receive = ({ mr }: Resources, qp: Qp): void =>
  unwrap(postRecv(qp, { wrId: 0, sgList: [{ addr: mr.addr, length: LARGEST, lkey: mr.lkey }] }));

const takeSends = async (resources: Resources, qp: Qp, size: number): Promise<void> => {
  for (let taken = 0; taken < flags.iters; ) {
    for (const { byteLen } of await poll(resources)) {
      if (byteLen !== size) throw new RunFailed(`a message of ${byteLen} bytes instead of ${size}`);
      taken++;
      receive(resources, qp);
    }
  }
};

/** The memory of the end whose data moved must now be in the memory of the other. */
const verify = async ({ rank, bytes }: Resources): Promise<void> => {
  const sums = await rank.exchange(bytes.reduce((sum, byte, i) => (sum + byte * ((i % 251) + 1)) >>> 0, 0));
  if (sums.some((sum) => sum !== sums[0])) throw new RunFailed('the bytes at the two ends differ');
};

const row = (cells: readonly (string | number)[]): string => cells.map((cell) => `${cell}`.padStart(16)).join('');

const measure = async (rank: Rank, resources: Resources, qp: Qp, peer: Endpoint): Promise<void> => {
  const leads = rank.index === 0;
  if (leads) {
    rank.print(`RC ${flags.op}, ${flags.depth} under way, MTU ${pathMtuOf(flags)}`);
    rank.print(row(['bytes', 'messages', 'MiB/s', 'Gbit/s', 'messages/s']));
  }
  for (const size of sizes()) {
    if (!leads && flags.op === 'send') await takeSends(resources, qp, size);
    if (leads) {
      const perSecond = flags.iters / (await move(resources, qp, peer, size));
      const [mib, gbit] = [(perSecond * size) / MIB, (perSecond * size * 8) / 1e9];
      rank.print(row([size, flags.iters, mib.toFixed(1), gbit.toFixed(2), Math.round(perSecond)]));
    }
    await rank.exchange('done');
  }
  await verify(resources);
  if (leads) rank.print('the bytes at both ends are the same');
};

await launch({
  entry: import.meta.url,
  count: 2,
  ...(meets(flags) ? { elsewhere: (run) => runOnTwoMachines(flags, IDENTITY, run) } : {}),
  run: async (rank) => {
    const resources = allocate(rank, LARGEST, 2 * flags.depth);
    const sources = flags.op === 'read' ? 1 : 0;
    if (rank.index === sources) resources.bytes.set(Uint8Array.from(resources.bytes, (_, i) => i * 31 + (i >> 8)));
    const qp = createQueuePair(resources, 2 * flags.depth);
    if (rank.index !== 0) for (let i = 0; i < 2 * flags.depth; i++) receive(resources, qp);
    const own = endpointOf(resources, qp);
    const peer = (await rank.exchange(own))[1 - rank.index];
    if (peer === undefined) throw new RunFailed('there is no peer');
    connect(qp, own, peer, rank.addressOf(1 - rank.index), pathMtuOf(flags));
    await rank.exchange('connected');
    await measure(rank, resources, qp, peer);
  },
});
