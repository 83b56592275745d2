// The program of a host process: a device on a loopback address and one end of the stream application, driven by the
// orchestrator's calls. It ends with its parent.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { type Context, ip, type Qp, unwrap } from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { seal, unseal } from '../../impl/migration/envelope.ts';
import { formatImageError, type ImageResult } from '../../impl/migration/image-error.ts';
import { metadataOf, openImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { UdpHost } from '../../impl/udp/host.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { DROP_REASONS } from '../../impl/wire/drop-reason.ts';
import type { CallMessage, Calls, HostCounters, HostMessage } from './control.ts';
import { Recorder } from './recorder.ts';
import { rehearse } from './rehearsal.ts';
import { StreamEnd } from './stream-end.ts';

/** Milliseconds between two pieces of news. */
const NEWS_MS = 50;

const monotonicNs = (): number => Number(process.hrtime.bigint());

const processorMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const tell = (message: HostMessage): void => {
  process.send?.(message);
};

let rehearsed = false;
let host: UdpHost | undefined;
let end: StreamEnd | undefined;
let recorder: Recorder | undefined;
let doneTold = false;
/** Completions to be taken before the first that the restored device itself has written. */
let inherited = 0;
let firstCompletionAt = 0;
/** A restored application waits until its QPs' resumes are answered. */
let isWaiting = false;
let answeredAt = 0;
let checkpointDue: { readonly after: number; readonly run: () => void } | undefined;

const opened = (): UdpHost => {
  if (host === undefined) throw new Error('no device is open');
  return host;
};

const application = (): StreamEnd => {
  if (end === undefined) throw new Error('no application runs here');
  return end;
};

const tellProgress = (): void => {
  if (end === undefined) return;
  const { received, done, harmed, failures } = end;
  doneTold = done;
  tell({ type: 'progress', received, done, harmed, failures, answeredAt, firstCompletionAt });
};

const isAnswered = ({ engine }: Qp): boolean => engine.type !== 'RC' || engine.resuming === undefined;

/** The restored application goes on when the resume of each of its QPs has been answered, and not before (MIG-21). */
const goOnWhenAnswered = (application: StreamEnd): void => {
  if (application.context.qps.find((qp) => !isAnswered(qp)) !== undefined) return;
  isWaiting = false;
  answeredAt = monotonicNs();
  application.go();
};

const onActivity = (): void => {
  if (end === undefined) return;
  if (isWaiting) goOnWhenAnswered(end);
  if (isWaiting) return;
  const taken = end.poll();
  recorder?.flush();
  if (taken > inherited && firstCompletionAt === 0) firstCompletionAt = monotonicNs();
  inherited = Math.max(0, inherited - taken);
  if (checkpointDue !== undefined && end.received >= checkpointDue.after) {
    const { run } = checkpointDue;
    checkpointDue = undefined;
    run();
  }
  if (taken > 0 && !doneTold && (end.done || end.harmed > 0)) tellProgress();
};

const writeFile = (file: string, parts: readonly Uint8Array[]): void => {
  const fd = openSync(file, 'w');
  for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(fd, part, at);
  closeSync(fd);
};

const checkpoint = (context: Context, file: string): Calls['checkpoint']['reply'] => {
  const stoppedAt = monotonicNs();
  const before = process.cpuUsage();
  stopContext(context, opened().now);
  const image = unwrap(dump(context));
  const metadata = metadataOf(image);
  const dumpedAt = monotonicNs();
  const processorMs = processorMsSince(before);
  const parts = seal(metadata, image.memory);
  const sealedAt = monotonicNs();
  writeFile(file, parts);
  return { stoppedAt, dumpedAt, sealedAt, writtenAt: monotonicNs(), processorMs };
};

const accepted = <T>(result: ImageResult<T>): T => {
  if (!result.ok) throw new Error(formatImageError(result.error));
  return result.value;
};

const restoreFrom = (file: string): Calls['restore']['reply'] => {
  const { nic, now } = opened();
  const begunAt = monotonicNs();
  const bytes = readFileSync(file);
  const readAt = monotonicNs();
  const unsealed = accepted(unseal(bytes));
  const verifiedAt = monotonicNs();
  const before = process.cpuUsage();
  const context = unwrap(restore(nic, accepted(openImage(unsealed)), now));
  const restoredAt = monotonicNs();
  end = StreamEnd.adopt(context);
  inherited = end.waiting;
  firstCompletionAt = 0;
  resumeContext(context, opened().now);
  isWaiting = true;
  const processorMs = processorMsSince(before);
  return { begunAt, readAt, verifiedAt, restoredAt, resumedAt: monotonicNs(), processorMs };
};

const countersOf = ({ nic: { addresses, counters }, dropped }: UdpHost): HostCounters => ({
  address: addresses.join(),
  sent: counters.packetsSent,
  received: counters.packetsReceived,
  lost: dropped,
  retransmitted: counters.tallies.retransmissions,
  tallies: counters.tallies,
  refused: Object.fromEntries(DROP_REASONS.map((reason) => [reason, counters.drops[reason]])),
});

const open = async ({ address, seed, loss, record, rehearsal }: Calls['open']['request']): Promise<null> => {
  await host?.close();
  if (!rehearsed) rehearse(rehearsal);
  rehearsed = true;
  recorder = record === null ? undefined : new Recorder(record);
  const onTransmit = recorder === undefined ? {} : { onTransmit: recorder.add.bind(recorder) };
  host = await UdpHost.open({ address: ip(address), seed, loss, onActivity, ...onTransmit });
  return null;
};

type Handlers = {
  readonly [K in keyof Calls]: (request: Calls[K]['request']) => Calls[K]['reply'] | Promise<Calls[K]['reply']>;
};

const HANDLERS: Handlers = {
  open,
  build: ({ plan, direction }) => {
    end = StreamEnd.build(opened().nic.open(), plan, direction);
    return end.numbers();
  },
  connect: ({ address, remotes }) => {
    application().connect(ip(address), remotes);
    return null;
  },
  go: () => {
    application().go();
    return null;
  },
  checkpoint: ({ file, after }) =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(checkpoint(application().context, file));
        } catch (error) {
          reject(error);
        }
      };
      checkpointDue = { after, run };
    }),
  restore: ({ file }) => restoreFrom(file),
  counters: () => {
    recorder?.flush();
    return countersOf(opened());
  },
  results: () => application().results(),
};

const answer = async <K extends keyof Calls>(id: number, call: K, request: Calls[K]['request']): Promise<void> => {
  try {
    tell({ type: 'reply', id, reply: await HANDLERS[call](request) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'FAILED';
    tell({ type: 'refused', id, code, message: error instanceof Error ? error.message : String(error) });
  }
};

process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0); // the parent has ended while this program was read
process.on('message', ({ id, call, request }: CallMessage) => answer(id, call, request));
setInterval(tellProgress, NEWS_MS);
