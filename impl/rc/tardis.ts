// Owns the migration protocol as TardiS/MigrOS publishes it. Chapter 50, part A.
import { NEVER } from '../qp/instant.ts';
import { peerOf } from '../qp/qp-core.ts';
import { ABILITIES } from '../qp/state.ts';
import type { IpAddress } from '../wire/address.ts';
import type { OpcodeInfo } from '../wire/opcode.ts';
import type { Packet } from '../wire/packet.ts';
import { type Psn, psnDistance } from '../wire/psn.ts';
import { nak } from '../wire/syndrome.ts';
import type { Judgement, MigrationProtocol, MigrationView } from './migration-protocol.ts';

/** RESUME interval of a QP that has no ACK timeout: that of timeout 14. */
const DEFAULT_RESUME_INTERVAL = 67_108_864;

const NAK_STOPPED = nak('STOPPED');

/** The ordinary packet of the peer pays for little more than what has to be asked of every packet. */
const judge = (qp: MigrationView, packet: Packet, info: OpcodeInfo, source: IpAddress): Judgement => {
  const abilities = ABILITIES[qp.state];
  if (source !== peerOf(qp) && info.operation !== 'RESUME') return 'DROP_SOURCE'; //= RC-80, MIG-9
  if (info.role === 'request') {
    if (!abilities.processRequests) return 'DROP_STATE'; //= QP-32
    if (qp.migration.phase === 'STOPPED') return 'ANSWER_STOPPED'; //= MIG-2
    return info.operation === 'RESUME' ? 'ACCEPT_RESUME' : 'PROCESS'; //= MIG-17
  }
  if (!abilities.processResponses && qp.resuming === undefined) return 'DROP_STATE'; //= QP-33
  if (qp.migration.phase === 'STOPPED') return 'DROP_STOPPED'; //= MIG-3
  if (packet.syndrome !== NAK_STOPPED || info.operation !== 'ACKNOWLEDGE') return 'PROCESS';
  // In RTR, where there is no requester, an answer to its RESUME is all that a QP takes.
  if (!abilities.processResponses) return 'DROP_STATE'; //= QP-33, MIG-4
  return isCurrent(qp, packet.psn) ? 'PAUSE' : 'PROCESS'; //= MIG-4, MIG-8
};

//= RC-21
/** A peer that expects less than it has acknowledged has gone on since: its word is from before. */
const isCurrent = ({ requester, completer }: MigrationView, psn: Psn): boolean =>
  psn === requester.nextPsn || psnDistance(psn, completer.una) >= 0;

/** TardiS, in the readings that chapter 50 gives. */
export const TARDIS: MigrationProtocol = {
  name: 'tardis',
  judge,
  repeatsResumeWhilePaused: false, //= MIG-6
  resumeInterval: (ackTimeout) => (ackTimeout === NEVER ? DEFAULT_RESUME_INTERVAL : ackTimeout), //= MIG-16
};
