// Owns the shape of request packets: which opcode, headers and bytes the packets of a WQE have. Chapter 30.

import { fillMessagePacket, type MessageOpcodes, messageBytes, messagePackets } from '../qp/message-packet.ts';
import { makeMutablePacket } from '../qp/mutable-packet.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import type { WrOpcode } from '../qp/work-request.ts';
import { rkey } from '../wire/numbers.ts';
import type { OpcodeName } from '../wire/opcode.ts';
import { EMPTY } from '../wire/packet.ts';
import { psnAdd } from '../wire/psn.ts';
import { vaAdd } from '../wire/va.ts';
import type { RcQp } from './rc-qp.ts';

/** How a WR opcode travels. `answered`: it is completed by an answer of its own, not by an ACK. */
export type Travel =
  /** Bytes in as many packets as the path MTU makes of them. */
  | (MessageOpcodes & { readonly kind: 'BYTES'; readonly answered: false })
  /** One request packet; its answer has bytes. */
  | { readonly kind: 'READ'; readonly answered: true }
  /** One request packet with an answer of its own. */
  | { readonly kind: 'ANSWERED'; readonly answered: true; readonly opcode: OpcodeName }
  /** Nothing travels. */
  | { readonly kind: 'LOCAL'; readonly answered: false };

type Extra = MessageOpcodes['extra'];

const send = (last: OpcodeName, only: OpcodeName, extra: Extra = 'NONE'): Travel => ({
  kind: 'BYTES',
  answered: false,
  first: 'RC_SEND_FIRST',
  middle: 'RC_SEND_MIDDLE',
  last,
  only,
  extra,
});
const write = (last: OpcodeName, only: OpcodeName, extra: Extra = 'NONE'): Travel => ({
  kind: 'BYTES',
  answered: false,
  first: 'RC_WRITE_FIRST',
  middle: 'RC_WRITE_MIDDLE',
  last,
  only,
  extra,
});
const answered = (opcode: OpcodeName): Travel => ({ kind: 'ANSWERED', answered: true, opcode });

const LOCAL: Travel = { kind: 'LOCAL', answered: false };

export const TRAVEL: Readonly<Record<WrOpcode, Travel>> = {
  SEND: send('RC_SEND_LAST', 'RC_SEND_ONLY'),
  SEND_WITH_IMM: send('RC_SEND_LAST_WITH_IMM', 'RC_SEND_ONLY_WITH_IMM', 'IMM'),
  SEND_WITH_INV: send('RC_SEND_LAST_WITH_INV', 'RC_SEND_ONLY_WITH_INV', 'INV'),
  RDMA_WRITE: write('RC_WRITE_LAST', 'RC_WRITE_ONLY'),
  RDMA_WRITE_WITH_IMM: write('RC_WRITE_LAST_WITH_IMM', 'RC_WRITE_ONLY_WITH_IMM', 'IMM'),
  RDMA_READ: { kind: 'READ', answered: true },
  ATOMIC_CMP_AND_SWP: answered('RC_COMPARE_SWAP'),
  ATOMIC_FETCH_AND_ADD: answered('RC_FETCH_ADD'),
  ATOMIC_WRITE: answered('RC_ATOMIC_WRITE'),
  FLUSH: answered('RC_FLUSH'),
  LOCAL_INV: LOCAL,
  BIND_MW: LOCAL,
};

let lastOpcode: WrOpcode = 'SEND';
let lastTravel: Travel = TRAVEL[lastOpcode];

/** How a WR opcode travels. Most ask for the one asked for before, and to compare is cheaper than to look up. */
export const travelOf = (opcode: WrOpcode): Travel => {
  if (opcode === lastOpcode) return lastTravel;
  lastOpcode = opcode;
  lastTravel = TRAVEL[opcode];
  return lastTravel;
};

/** Whether a WQE is completed by an answer of its own, not by an ACK; such WQEs count against MAX_QP_RD_ATOMIC. */
export const isAnswered = (opcode: WrOpcode): boolean => travelOf(opcode).answered;

//= RC-2
/** PSNs that a WQE of `length` bytes occupies which travels so. */
export const psnCountOf = ({ kind }: Travel, length: number, mtu: number): number => {
  if (kind === 'LOCAL') return 0;
  return kind === 'ANSWERED' ? 1 : messagePackets(length, mtu);
};

/** AckReq at least this often, in packets. */
const ACK_EVERY = 16;

/** Request packet under construction; also what `transmitRequest` fills. */
const scratch = makeMutablePacket();

/**
 * Sends packet `index` of a begun WQE that travels; for a READ, the request for all from response packet `index` on.
 * False, with nothing sent, if its bytes cannot be read.
 */
export const transmitRequest = (qp: RcQp, wqe: SendWqe, index: number, ackNow: boolean): boolean => {
  if (qp.path === undefined) return false;
  const travel = travelOf(wqe.opcode);
  if (travel.kind === 'BYTES') {
    if (!fillMessagePacket(scratch, qp, wqe, index, travel)) return false;
    const last = index + 1 === wqe.psnCount;
    scratch.ackReq = last || ackNow || index % ACK_EVERY === ACK_EVERY - 1; //= RC-5, RC-6
    qp.device.transmit(scratch, qp.path);
    return true;
  }
  const done = index * qp.attributes.pathMtu;
  scratch.pkey = qp.pkey;
  scratch.destQp = qp.peerQpn;
  scratch.psn = psnAdd(wqe.firstPsn, index);
  scratch.rkey = rkey(wqe.rkey);
  scratch.payload = EMPTY;
  scratch.solicitedEvent = false;
  scratch.ackReq = true;
  switch (travel.kind) {
    case 'READ': //= RC-13
      scratch.opcode = 'RC_READ_REQUEST';
      scratch.va = vaAdd(wqe.remoteAddr, done);
      scratch.dmaLength = wqe.length - done;
      break;
    case 'ANSWERED':
      if (!fillAnswered(qp, wqe, travel.opcode)) return false;
      break;
    case 'LOCAL':
      return false;
  }
  qp.device.transmit(scratch, qp.path);
  return true;
};

const GLOBAL = 1;
const PERSISTENT = 2;

const fillAnswered = (qp: RcQp, wqe: SendWqe, opcode: OpcodeName): boolean => {
  scratch.opcode = opcode;
  scratch.va = wqe.remoteAddr;
  scratch.dmaLength = wqe.length;
  switch (wqe.opcode) {
    case 'ATOMIC_CMP_AND_SWP':
      scratch.swapAdd = wqe.swap;
      scratch.compare = wqe.compareAdd;
      return true;
    case 'ATOMIC_FETCH_AND_ADD':
      scratch.swapAdd = wqe.compareAdd;
      scratch.compare = 0n;
      return true;
    case 'FLUSH':
      scratch.placementType = wqe.placement === 'GLOBAL' ? GLOBAL : PERSISTENT;
      scratch.selectivity = wqe.selectivity === 'RANGE' ? 0 : 1;
      return true;
    default: {
      const payload = messageBytes(qp, wqe, 0, wqe.length);
      if (payload === undefined) return false;
      scratch.payload = payload;
      return true;
    }
  }
};
