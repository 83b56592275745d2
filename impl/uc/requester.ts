// Owns the UC requester: messages of bytes, sent once. Chapter 32.
import { fillMessagePacket, type MessageOpcodes, messagePackets } from '../qp/message-packet.ts';
import { makeMutablePacket } from '../qp/mutable-packet.ts';
import { usable } from '../qp/scatter-gather.ts';
import type { SendWqe } from '../qp/send-queue.ts';
import { type Emitter, type Outcome, runUnacknowledged } from '../qp/unacknowledged.ts';
import type { WrOpcode } from '../qp/work-request.ts';
import type { OpcodeName } from '../wire/opcode.ts';
import type { UcQp } from './uc-qp.ts';

type Extra = MessageOpcodes['extra'];

const send = (last: OpcodeName, only: OpcodeName, extra: Extra = 'NONE'): MessageOpcodes => ({
  first: 'UC_SEND_FIRST',
  middle: 'UC_SEND_MIDDLE',
  last,
  only,
  extra,
});
const write = (last: OpcodeName, only: OpcodeName, extra: Extra = 'NONE'): MessageOpcodes => ({
  first: 'UC_WRITE_FIRST',
  middle: 'UC_WRITE_MIDDLE',
  last,
  only,
  extra,
});

/** What travels; the rest of what UC takes is local. */
const OPCODES: Partial<Readonly<Record<WrOpcode, MessageOpcodes>>> = {
  SEND: send('UC_SEND_LAST', 'UC_SEND_ONLY'),
  SEND_WITH_IMM: send('UC_SEND_LAST_WITH_IMM', 'UC_SEND_ONLY_WITH_IMM', 'IMM'),
  RDMA_WRITE: write('UC_WRITE_LAST', 'UC_WRITE_ONLY'),
  RDMA_WRITE_WITH_IMM: write('UC_WRITE_LAST_WITH_IMM', 'UC_WRITE_ONLY_WITH_IMM', 'IMM'),
};

const scratch = makeMutablePacket();

const emit = (qp: UcQp, wqe: SendWqe, index: number): Outcome => {
  const opcodes = OPCODES[wqe.opcode];
  if (opcodes === undefined || qp.path === undefined) return 'LOC_QP_OP_ERR';
  if (index === 0 && wqe.inline === undefined && !usable(qp.device.keys, qp.pd, wqe.sges, 0)) return 'LOC_PROT_ERR';
  if (!fillMessagePacket(scratch, qp, wqe, index, opcodes)) return 'LOC_PROT_ERR';
  qp.device.transmit(scratch, qp.path);
  return 'SENT';
};

const EMITTER: Emitter<UcQp> = {
  packets: (qp, wqe) => (OPCODES[wqe.opcode] === undefined ? 0 : messagePackets(wqe.length, qp.attributes.pathMtu)),
  emit,
  local: (qp, wqe) => {
    if (wqe.opcode === 'BIND_MW') return qp.device.bindWindow(qp, wqe) ? 'SUCCESS' : 'MW_BIND_ERR';
    return qp.device.invalidate(qp, wqe.invalidateRkey) ? 'SUCCESS' : 'LOC_QP_OP_ERR';
  },
};

/** Sends up to `budget` packets; returns how many. */
export const runUc = (qp: UcQp, budget: number): number => runUnacknowledged(qp, budget, EMITTER);
