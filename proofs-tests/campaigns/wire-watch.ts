/**
 * Watches every datagram as it leaves. SAFE-4 and SAFE-5: no STOPPED or PAUSED QP sends a request. SAFE-8: a PSN keeps its
 * opcode, headers and bytes. And a hash of all that was sent, when and in which order.
 */
import { crc32 } from 'node:zlib';
import type { InFlight } from '../../impl/sim/medium.ts';
import type { QpEngine } from '../../impl/verbs/device.ts';
import { OPCODES } from '../../impl/wire/opcode.ts';
import type { Violation } from './violation.ts';

const RESUME = OPCODES.RC_RESUME.value;
/** Request opcodes of RC by their byte. */
const IS_REQUEST = Array.from({ length: 256 }, (_, value) =>
  Object.entries(OPCODES).some(
    ([name, info]) => info.value === value && name.startsWith('RC_') && info.role === 'request' && value !== RESUME,
  ),
);

/** Offsets in a datagram: BTH without headers before it. */
const AT = { opcode: 0, destQp: 5, psn: 9, rest: 12, icrc: 4 } as const;

/** Instant, device, CRC of what follows the BTH, BTH: what a datagram adds to the hash. */
const SENT = new Uint8Array(28);
const SENT_VIEW = new DataView(SENT.buffer);

const three = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);

export class WireWatch {
  readonly violations: Violation[] = [];
  /** CRC-32 of it. */
  hash = 0;
  readonly #contents = new Map<number, number>();
  /** The QP of a device that talks to this QPN. */
  readonly #senderOf: (nic: number, destQp: number) => QpEngine | undefined;

  constructor(senderOf: (nic: number, destQp: number) => QpEngine | undefined) {
    this.#senderOf = senderOf;
  }

  readonly sent = (now: number, { from, bytes }: InFlight): void => {
    const opcode = bytes[AT.opcode] ?? 0;
    const content = crc32(bytes.subarray(AT.rest, bytes.length - AT.icrc), opcode);
    SENT_VIEW.setFloat64(0, now);
    SENT_VIEW.setUint32(8, from);
    SENT_VIEW.setUint32(12, content);
    SENT.set(bytes.subarray(0, AT.rest), 16);
    this.hash = crc32(SENT, this.hash);
    if (!IS_REQUEST[opcode]) return;
    const [destQp, psn] = [three(bytes, AT.destQp), three(bytes, AT.psn)];
    const key = destQp * 2 ** 24 + psn;
    const before = this.#contents.get(key);
    if (before === undefined) this.#contents.set(key, content);
    else if (before !== content) this.#violate('SAFE-8', `PSN ${psn} to QP ${destQp} has changed its contents`);
    const phase = this.#senderOf(from, destQp)?.migration.phase;
    if (phase === 'STOPPED') this.#violate('SAFE-4', `a STOPPED QP sends PSN ${psn} to QP ${destQp}`);
    if (phase === 'PAUSED') this.#violate('SAFE-5', `a PAUSED QP sends PSN ${psn} to QP ${destQp}`);
  };

  #violate(property: Violation['property'], says: string): void {
    this.violations.push({ property, says });
  }
}
