/**
 * Watches every datagram as it leaves. SAFE-4 and SAFE-5: no STOPPED or PAUSED QP sends a request. SAFE-8: a PSN keeps its
 * opcode, headers and bytes. And a hash of all that was sent, when and in which order.
 */
import type { InFlight } from '../../impl/sim/medium.ts';
import type { QpEngine } from '../../impl/verbs/device.ts';
import { i32Little, u24 } from '../../impl/wire/bytes.ts';
import { OPCODES } from '../../impl/wire/opcode.ts';
import { isSameAt } from './plan.ts';
import type { Violation } from './violation.ts';

const RESUME = OPCODES.RC_RESUME.value;
/** Request opcodes of RC by their byte. */
const IS_REQUEST = Array.from({ length: 256 }, (_, value) =>
  Object.entries(OPCODES).some(
    ([name, info]) => info.value === value && name.startsWith('RC_') && info.role === 'request' && value !== RESUME,
  ),
);

/** Offsets in a datagram: BTH without headers before it, ICRC at the end. */
const AT = { opcode: 0, destQp: 5, psn: 9, rest: 12, icrc: 4 } as const;

/** The QP of a device that talks to this QPN, if this is still one: it was so a packet ago. */
type SenderOf = (nic: number, destQp: number, last: QpEngine | undefined) => QpEngine | undefined;

/** What is known of the packets to one QPN. */
type Way = {
  /** By PSN, the datagram that had it first; none is written again before the run is over. */
  readonly first: Map<number, Uint8Array>;
  /** Who has sent there, by device. */
  readonly senders: (QpEngine | undefined)[];
};

/** Opcode, further headers and payload: all that a retransmission keeps. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a[AT.opcode] === b[AT.opcode] &&
  a.length === b.length &&
  isSameAt(a, AT.rest, b, AT.rest, a.length - AT.rest - AT.icrc);

/** FNV-1a, a word at a time. */
const mixed = (hash: number, word: number): number => Math.imul(hash ^ word, 0x01000193);

export class WireWatch {
  readonly violations: Violation[] = [];
  /** Of all that was sent; the ICRC stands for what it covers. */
  hash = 0x811c9dc5;
  readonly #ways = new Map<number, Way>();
  readonly #senderOf: SenderOf;

  constructor(senderOf: SenderOf) {
    this.#senderOf = senderOf;
  }

  readonly sent = (now: number, { from, bytes }: InFlight): void => {
    const destQp = u24(bytes, AT.destQp);
    const psn = u24(bytes, AT.psn);
    let { hash } = this;
    hash = mixed(hash, now);
    hash = mixed(hash, from);
    hash = mixed(hash, bytes[AT.opcode] ?? 0);
    hash = mixed(hash, destQp);
    hash = mixed(hash, psn);
    this.hash = mixed(hash, i32Little(bytes, bytes.length - AT.icrc));
    if (IS_REQUEST[bytes[AT.opcode] ?? 0]) this.#request(from, destQp, psn, bytes);
  };

  #request(from: number, destQp: number, psn: number, bytes: Uint8Array): void {
    const way = this.#wayTo(destQp);
    const before = way.first.get(psn);
    if (before === undefined) way.first.set(psn, bytes);
    else if (!isSame(before, bytes)) this.#violate('SAFE-8', `PSN ${psn} to QP ${destQp} has changed its contents`);
    const sender = this.#senderOf(from, destQp, way.senders[from]);
    way.senders[from] = sender;
    const phase = sender?.migration.phase;
    if (phase === 'STOPPED') this.#violate('SAFE-4', `a STOPPED QP sends PSN ${psn} to QP ${destQp}`);
    if (phase === 'PAUSED') this.#violate('SAFE-5', `a PAUSED QP sends PSN ${psn} to QP ${destQp}`);
  }

  #wayTo(destQp: number): Way {
    const known = this.#ways.get(destQp);
    if (known !== undefined) return known;
    const made: Way = { first: new Map(), senders: [] };
    this.#ways.set(destQp, made);
    return made;
  }

  #violate(property: Violation['property'], says: string): void {
    this.violations.push({ property, says });
  }
}
