// What a device goes through after it has restored an image: nothing that peer, time or consumer does may make it throw.
import {
  type Context,
  modifyQp,
  type Nic,
  pollCq,
  postRecv,
  postSend,
  type Qp,
  type QpAttr,
  type SendWr,
} from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { formatImageError } from '../../impl/migration/image-error.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { OPCODES, type OpcodeName } from '../../impl/wire/opcode.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { ack, nak, rnrNak } from '../../impl/wire/syndrome.ts';
import { bareNic } from './image-stage.ts';

type Random = () => number;

const pick = <T>(random: Random, list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];

const SYNDROMES = [ack(), nak('PSN_SEQUENCE_ERROR'), nak('REMOTE_ACCESS_ERROR'), nak('STOPPED'), rnrNak(3)];
const isOpcode = (name: string): name is OpcodeName => name in OPCODES;
const OPCODE_NAMES = Object.keys(OPCODES).filter(isOpcode);
const MODIFIES: readonly QpAttr[] = [
  { qpState: 'SQD' },
  { qpState: 'RTS' },
  { qpState: 'ERR' },
  { qpState: 'RESET' },
  { maxDestRdAtomic: 1 },
];

/** A PSN that means something to the QP, or nearly. */
const psnFor = ({ engine }: Qp, isRequest: boolean, random: Random): number => {
  const near = Math.floor(random() * 4) - 1;
  if (engine.type === 'UD') return near & 0xffffff;
  const base = isRequest || engine.type === 'UC' ? engine.responder.expectedPsn : engine.completer.una;
  return (base + near) & 0xffffff;
};

/** The peer of a QP sends something. */
const receive = (nic: Nic, context: Context, qp: Qp, now: number, random: Random): void => {
  const peer = qp.engine.path?.destination ?? nic.addresses[0];
  const here = nic.addresses[0];
  const own = OPCODE_NAMES.filter((name) => name.startsWith(qp.qpType));
  const opcode = pick(random, own);
  const mr = pick(random, context.mrs.list());
  if (peer === undefined || here === undefined || opcode === undefined) return;
  const info = OPCODES[opcode];
  const mtu = qp.engine.attributes.pathMtu;
  const length = /FIRST|MIDDLE/.test(opcode) ? mtu : pick(random, [0, 1, 8, mtu]);
  const way = path(peer, here, 0xc000);
  const packet = makePacket(opcode, qp.engine.qpn, psn(psnFor(qp, info.role === 'request', random)), {
    payload: new Uint8Array(/SEND|WRITE|READ_RESPONSE/.test(opcode) ? (length ?? 0) : 0),
    syndrome: pick(random, SYNDROMES) ?? ack(),
    rkey: rkey(mr?.rkey ?? 0),
    va: BigInt(mr?.addr ?? 0),
    dmaLength: pick(random, [0, 8, mtu, 3 * mtu, 2 ** 31]) ?? 0,
    ackReq: true,
  });
  nic.receive(encodePacket(packet, way), way, now);
};

const post = (context: Context, qp: Qp, random: Random): void => {
  const mr = pick(random, context.mrs.list());
  const sgList = mr === undefined ? [] : [{ addr: mr.addr, length: Math.min(mr.length, 8), lkey: mr.lkey }];
  const far = { remoteAddr: 4096, rkey: 77 };
  const wr = pick<SendWr>(random, [
    { wrId: 1, opcode: 'SEND', sgList },
    { wrId: 2, opcode: 'RDMA_READ', sgList, ...far },
    { wrId: 3, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList, ...far },
  ]);
  if (wr !== undefined) postSend(qp, { ...wr, signaled: true });
  postRecv(qp, { wrId: 4, sgList });
};

/** Some hundred things happen to a restored context. Throws what the device throws. */
export const survive = (nic: Nic, context: Context, random: Random): void => {
  let now = 10;
  resumeContext(context, now);
  for (let step = 0; step < 60; step++) {
    const qp = pick(random, context.qps.list());
    nic.tick(now, 1000);
    if (qp === undefined) return;
    const kind = random();
    if (kind < 0.6) receive(nic, context, qp, now, random);
    else if (kind < 0.8) post(context, qp, random);
    else if (kind < 0.85) modifyQp(qp, pick(random, MODIFIES) ?? {});
    else if (kind < 0.95) now = Math.min(Math.max(now, nic.nextWake) + 1, 2 ** 50);
    else for (const cq of context.cqs.list()) pollCq(cq, 100);
  }
  stopContext(context, now);
};

/** What becomes of a file: its refusal in one line, 'restored', or why it ought to have been refused. */
export const fate = (file: Uint8Array, random: Random): { readonly refused: string } | { readonly wrong?: string } => {
  const image = readImage(file);
  if (!image.ok) return { refused: formatImageError(image.error) };
  if (Buffer.compare(Buffer.concat(writeImage(image.value)), file) !== 0) return { wrong: 'a second spelling' };
  const nic = bareNic();
  const restored = restore(nic, image.value, 5);
  if (!restored.ok) {
    const left = [...nic.qps].length;
    return left === 0 ? { refused: restored.error.message } : { wrong: `${left} QPs of a refused image` };
  }
  survive(nic, restored.value, random);
  const again = dump(restored.value);
  const read = again.ok ? readImage(Buffer.concat(writeImage(again.value))) : undefined;
  return read?.ok === false ? { wrong: `what came of it is refused: ${formatImageError(read.error)}` } : {};
};
