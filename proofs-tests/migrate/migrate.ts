// Owns one live migration from beginning to end: three processes, one image file, one verdict.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chance, subSeed } from '../../impl/udp/chance.ts';
import { writePcapng } from '../capture/pcapng.ts';
import { pickAddresses } from './addresses.ts';
import type { Rehearsal, StreamPlan } from './control.ts';
import { HostProcess, HostRefused } from './host-process.ts';
import type { MigrateOptions } from './options.ts';
import { mergeRecords, readRecord } from './recorder.ts';
import { imageFacts, inOrder, judgeStreams, type MigrateReport, memoryMsOf, phasesOf, totals } from './report.ts';
import { Watch } from './watch.ts';

const ROLES = ['source', 'peer', 'target'] as const;
type Role = (typeof ROLES)[number];
type Hosts = Readonly<Record<Role, HostProcess>>;

const ADDRESS_ATTEMPTS = 20;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What a run tells while it goes on. */
export type MigrateNews = { readonly phase: string; readonly received: number; readonly total: number };

/** Fewer outstanding messages per QP when there are many QPs: memory and receive buffers are the machine's limit. */
const planOf = ({ qps, messages, seed, workload }: MigrateOptions): StreamPlan => ({
  qps,
  messages,
  seed,
  mtu: 1024,
  window: qps > 64 ? 2 : 8,
  depth: qps > 64 ? 4 : 16,
  imm: workload !== 'send',
  oneSided: workload === 'mixed',
});

/** Of about the size of what is to come: a heap that has never held so many objects grows in the blackout. */
const rehearsalFor = (qps: number): Rehearsal => ({
  rounds: qps > 64 ? 6 : 3,
  qps: Math.min(512, Math.max(16, qps)),
});

const recordOf = (directory: string, role: Role): string => join(directory, `${role}.packets`);

/** One pcapng file of what all hosts sent. */
const writeCapture = (file: string, directory: string): Promise<void> => {
  const epochNs = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
  const records = ROLES.map((role) => readRecord(recordOf(directory, role), epochNs));
  return writeFile(file, writePcapng(mergeRecords(records)));
};

/** Opens all three hosts at addresses nobody uses; another three from the seed if one is taken. */
const openHosts = async (hosts: Hosts, options: MigrateOptions, directory: string): Promise<Record<Role, string>> => {
  const random = chance(subSeed(options.seed, 100));
  for (let attempt = 1; ; attempt++) {
    const [source, peer, target] = pickAddresses(random);
    const addresses = { source, peer, target };
    const opened = await Promise.allSettled(
      ROLES.map((role, i) =>
        hosts[role].call('open', {
          address: addresses[role],
          seed: subSeed(options.seed, i),
          loss: options.loss,
          record: options.pcap === undefined ? null : recordOf(directory, role),
          rehearsal: rehearsalFor(options.qps),
        }),
      ),
    );
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed === undefined) return addresses;
    const taken = failed.reason instanceof HostRefused && failed.reason.code === 'EADDRINUSE';
    if (!taken) throw failed.reason;
    if (attempt === ADDRESS_ATTEMPTS) throw new HostRefused('EADDRINUSE', `${attempt} times: ${failed.reason.message}`);
  }
};

/** The connection manager's part: both ends learn each other's address, QPNs and first PSNs. */
const connect = async ({ source, peer }: Hosts, addresses: Record<Role, string>, plan: StreamPlan): Promise<void> => {
  const [ours, theirs] = await Promise.all([
    source.call('build', { plan, direction: 0 }),
    peer.call('build', { plan, direction: 1 }),
  ]);
  await Promise.all([
    source.call('connect', { address: addresses.peer, remotes: theirs }),
    peer.call('connect', { address: addresses.source, remotes: ours }),
  ]);
};

/** Stop, dump to a file, restore from it, resume; then the source process dies without a chance to say anything. */
const move = async (hosts: Hosts, watch: Watch, file: string, after: number) => {
  const source = await watch.during(hosts.source.call('checkpoint', { file, after }));
  const target = await watch.during(hosts.target.call('restore', { file }));
  const counters = await watch.during(hosts.source.call('counters', null));
  await hosts.source.kill();
  const processorMs = { source: source.processorMs, target: target.processorMs };
  return { instants: { ...source, ...target }, processorMs, counters };
};

const run = async (
  hosts: Hosts,
  options: MigrateOptions,
  directory: string,
  onNews: (news: MigrateNews) => void,
): Promise<MigrateReport> => {
  const { qps, messages, seed } = options;
  const plan = planOf(options);
  const total = 2 * qps * messages;
  let phase = 'streaming';
  const file = join(directory, 'context.image');
  await connect(hosts, await openHosts(hosts, options, directory), plan);
  const watch = new Watch(hosts, (received) => onNews({ phase, received, total }));
  try {
    const begun = performance.now();
    const moved = move(hosts, watch, file, Math.floor((qps * messages) / 3));
    moved.catch(() => {});
    await Promise.all([hosts.source.call('go', null), hosts.peer.call('go', null)]);
    const { instants, processorMs, counters: source } = await moved;
    phase = 'streaming from the target';
    const ending = await watch.ended();
    const seconds = (performance.now() - begun) / 1000;
    const [atTarget, atPeer, target, peer] = await Promise.all([
      hosts.target.call('results', null),
      hosts.peer.call('results', null),
      hosts.target.call('counters', null),
      hosts.peer.call('counters', null),
    ]);
    const problems = judgeStreams(atTarget, atPeer, qps, messages);
    if (watch.failures() !== '') problems.unshift(watch.failures());
    if (ending === 'stalled') problems.unshift('the streams came to a halt: nothing moves any more');
    const { answeredAt = 0, firstCompletionAt = 0 } = watch.latest(hosts.target) ?? {};
    const phasesMs = phasesOf(inOrder({ ...instants, answeredAt, firstCompletionAt }));
    const blackoutMs = Object.values(phasesMs).reduce((sum, ms) => sum + ms);
    const memoryMs = memoryMsOf(phasesMs);
    return {
      qps,
      ...totals([source, peer, target], [...atTarget, ...atPeer]),
      blackoutMs,
      memoryMs,
      addedMs: blackoutMs - memoryMs,
      phasesMs,
      processorMs,
      seconds,
      seed,
      ...imageFacts(await readFile(file)),
      hosts: { source, peer, target },
      intact: problems.length === 0,
      problems,
    };
  } finally {
    watch.stop();
  }
};

/** What is left of a run: processes and files. */
class Remains {
  readonly #directory: string;
  readonly #hosts: Hosts;

  constructor(directory: string, hosts: Hosts) {
    this.#directory = directory;
    this.#hosts = hosts;
    for (const signal of SIGNALS) process.on(signal, this.#interrupted);
  }

  /** Who ends the command ends all of it: nothing stays, and the shell sees the signal. */
  readonly #interrupted = (signal: NodeJS.Signals): void => {
    void this.clear().finally(() => process.kill(process.pid, signal));
  };

  async clear(): Promise<void> {
    await Promise.all(ROLES.map((role) => this.#hosts[role].kill()));
    await rm(this.#directory, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, this.#interrupted);
  }
}

/**
 * Runs one live migration under real conditions and judges it. Rejects with HostRefused or HostEnded when a host cannot do
 * its part or dies, with a system error when there is no place for the image, and with EndedEarly when the streams end before
 * the migration does; a stream that came through harmed is a report with `intact: false`. Leaves no process and no file.
 */
export const migrate = async (
  options: MigrateOptions,
  onNews: (news: MigrateNews) => void = () => {},
): Promise<MigrateReport> => {
  const directory = await mkdtemp(join(tmpdir(), 'godwit-migrate-'));
  const hosts: Hosts = {
    source: new HostProcess('source'),
    peer: new HostProcess('peer'),
    target: new HostProcess('target'),
  };
  const remains = new Remains(directory, hosts);
  try {
    const report = await run(hosts, options, directory, onNews);
    await Promise.all(ROLES.map((role) => hosts[role].kill()));
    if (options.pcap !== undefined) await writeCapture(options.pcap, directory);
    return report;
  } finally {
    await remains.clear();
  }
};
