// Owns the UD requester: one packet a message, each with a destination of its own. Chapter 34.
import type { AhAttr } from '../qp/attributes.ts';
import { messageBytes } from '../qp/message-packet.ts';
import { makeMutablePacket } from '../qp/mutable-packet.ts';
import { pathTo } from '../qp/path-to.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import { type Emitter, type Outcome, runUnacknowledged } from '../qp/unacknowledged.ts';
import { qkey, qpn } from '../wire/numbers.ts';
import type { Path } from '../wire/path.ts';
import type { UdQp } from './ud-qp.ts';

/** A Q_Key with this bit set stands for the QP's own. */
const OWN_QKEY = 0x80000000;

const scratch = makeMutablePacket();

/** Ways kept; a QP that sends to more destinations makes them anew. */
const MAX_WAYS = 4096;

/** The way to a destination, the same value each time; undefined if the device has no address of its family. */
const wayTo = (qp: UdQp, ah: AhAttr, remoteQpn: number): Path | undefined => {
  const key = `${ah.dgid} ${ah.flowLabel} ${remoteQpn}`;
  if (qp.paths.size > MAX_WAYS) qp.paths.clear();
  const way = qp.paths.get(key) ?? pathTo(qp.device, ah, qp.qpn, qpn(remoteQpn));
  if (way !== undefined) qp.paths.set(key, way);
  return way;
};

const emit = (qp: UdQp, wqe: SendWqe): Outcome => {
  const way = wqe.ah === undefined ? undefined : wayTo(qp, wqe.ah, wqe.remoteQpn);
  if (way === undefined) return 'LOC_QP_OP_ERR';
  const payload = messageBytes(qp, wqe, 0, wqe.length);
  if (payload === undefined) return 'LOC_PROT_ERR';
  scratch.opcode = wqe.opcode === 'SEND' ? 'UD_SEND_ONLY' : 'UD_SEND_ONLY_WITH_IMM';
  scratch.pkey = qp.pkey;
  scratch.destQp = qpn(wqe.remoteQpn);
  scratch.psn = qp.sender.nextPsn;
  scratch.solicitedEvent = wqe.solicited;
  scratch.ackReq = false;
  scratch.qkey = qkey((wqe.remoteQkey & OWN_QKEY) === 0 ? wqe.remoteQkey : qp.attributes.qkey); //= UD-5
  scratch.srcQp = qp.qpn; //= UD-4
  scratch.imm = wqe.imm;
  scratch.payload = payload;
  qp.device.transmit(scratch, way);
  return 'SENT';
};

const EMITTER: Emitter<UdQp> = {
  packets: (qp, wqe) => (wqe.length > qp.device.portMtu ? 0 : 1), //= UD-2
  emit,
  local: () => 'SUCCESS', //= UD-2
};

/** Sends up to `budget` packets; returns how many. */
export const runUd = (qp: UdQp, budget: number): number => runUnacknowledged(qp, budget, EMITTER);
