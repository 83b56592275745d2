// Owns the UD responder: each packet a message, with the network header before it. Chapter 34.
import { ACCESS } from '../memory/access.ts';
import { completeRecv, failRecv, nextReceive, releaseReceive, takeReceive } from '../qp/completing.ts';
import { hasImmediate } from '../qp/message.ts';
import { scatter, usable } from '../qp/scatter-gather.ts';
import { ABILITIES } from '../qp/state.ts';
import { enterUnacknowledgedError } from '../qp/unacknowledged.ts';
import { packetBytes } from '../wire/encode.ts';
import { GRH_BYTES, grhArea } from '../wire/network.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import type { Path } from '../wire/path.ts';
import type { UdQp } from './ud-qp.ts';

/** A packet for this QP has come by `path`. */
export const receiveUd = (qp: UdQp, packet: Packet, info: OpcodeInfo, path: Path): void => {
  if (!ABILITIES[qp.state].processRequests) qp.device.drop('QP_STATE');
  else if (qp.migration.phase === 'STOPPED') qp.device.drop('QP_STOPPED');
  else if (packet.qkey !== qp.attributes.qkey)
    qp.device.drop('WRONG_QKEY'); //= UD-11
  else onMessage(qp, packet, info, path);
};

//= UD-10, UD-12, UD-13, UD-14
const onMessage = (qp: UdQp, packet: Packet, info: OpcodeInfo, path: Path): void => {
  const wqe = nextReceive(qp);
  const byteLen = GRH_BYTES + packet.payload.length;
  if (wqe === undefined || wqe.sges.bytes < byteLen) {
    qp.device.drop(wqe === undefined ? 'NO_RECEIVE' : 'NOT_ALLOWED');
    return;
  }
  const { keys } = qp.device;
  takeReceive(qp);
  //= UD-15
  if (!usable(keys, qp.pd, wqe.sges, ACCESS.LOCAL_WRITE)) {
    failRecv(qp, wqe.wrId, 'LOC_PROT_ERR');
    releaseReceive(qp);
    enterUnacknowledgedError(qp);
    return;
  }
  scatter(keys, qp.pd, wqe.sges, 0, networkHeader(packet, path), ACCESS.LOCAL_WRITE);
  scatter(keys, qp.pd, wqe.sges, GRH_BYTES, packet.payload, ACCESS.LOCAL_WRITE);
  completeRecv(qp, wqe, {
    opcode: 'RECV',
    byteLen,
    imm: hasImmediate(info) ? packet.imm : undefined,
    invalidatedRkey: undefined,
    srcQp: packet.srcQp,
    grh: true,
    solicited: packet.solicitedEvent,
  });
  releaseReceive(qp);
};

const HOP_LIMIT = 64;

/** The header as the device knows it: what a UDP socket does not show holds what godwit itself would send. */
const networkHeader = (packet: Packet, path: Path): Uint8Array =>
  grhArea({ path, trafficClass: 0, flowLabel: 0, hopLimit: HOP_LIMIT, udpChecksum: 0 }, packetBytes(packet));
