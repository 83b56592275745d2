// Owns send work requests in their queue. Chapter 40.

import { type Psn, psn } from '../wire/psn.ts';
import { type Va, va } from '../wire/va.ts';
import type { AhAttr } from './attributes.ts';
import { fillSgeList, makeSgeList, type SgeList } from './sge-list.ts';
import type { WcStatus } from './work-completion.ts';
import type { SendWr, WrOpcode } from './work-request.ts';

/** What a posted BIND_MW binds a window to; objects by handle, 0 for no region. */
export type BindWqe = {
  readonly mr: number;
  readonly addr: number;
  readonly length: number;
  readonly access: number;
};

/**
 * A posted send WR; which fields mean something is the opcode's to say. In its queue a WQE is out of the processor's cache
 * whenever its turn comes: what every one needs stands first, together.
 */
export type SendWqe = {
  opcode: WrOpcode;
  wrId: number;
  readonly sges: SgeList;
  /** The bytes, if posted inline. */
  inline: Uint8Array | undefined;
  /** Bytes of the message. */
  length: number;
  signaled: boolean;
  fence: boolean;
  solicited: boolean;
  /** Set when begun: first PSN and number of PSNs. */
  firstPsn: Psn;
  psnCount: number;
  /** A local error found when it was begun; it completes with this when its turn comes. */
  failure: WcStatus | undefined;
  remoteAddr: Va;
  rkey: number;
  bind: BindWqe | undefined;
  ah: AhAttr | undefined;
  remoteQpn: number;
  remoteQkey: number;
  imm: number;
  invalidateRkey: number;
  compareAdd: bigint;
  swap: bigint;
  placement: 'GLOBAL' | 'PERSISTENT';
  selectivity: 'RANGE' | 'MR';
  mw: number;
};

const makeSendWqe = (): SendWqe => ({
  opcode: 'SEND',
  wrId: 0,
  sges: makeSgeList(),
  inline: undefined,
  length: 0,
  signaled: false,
  fence: false,
  solicited: false,
  firstPsn: psn(0),
  psnCount: 0,
  failure: undefined,
  remoteAddr: 0,
  rkey: 0,
  bind: undefined,
  ah: undefined,
  remoteQpn: 0,
  remoteQkey: 0,
  imm: 0,
  invalidateRkey: 0,
  compareAdd: 0n,
  swap: 0n,
  placement: 'GLOBAL',
  selectivity: 'RANGE',
  mw: 0,
});

/**
 * A ring of send WQEs with three indexes that only grow: `tail` oldest not completed, `begun` first not begun,
 * `head` next to be posted; tail <= begun <= head <= tail + capacity.
 */
export class SendQueue {
  readonly capacity: number;
  /** An entry is made when it is first filled: most deep queues are never full. */
  readonly #ring: (SendWqe | undefined)[];
  head = 0;
  begun = 0;
  tail = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ring = new Array<SendWqe | undefined>(Math.max(capacity, 1)).fill(undefined);
  }

  get full(): boolean {
    return this.head - this.tail >= this.capacity;
  }

  get empty(): boolean {
    return this.head === this.tail;
  }

  /** The WQE of an index in [tail, head). */
  at(index: number): SendWqe {
    const wqe = this.#ring[index % this.#ring.length];
    if (wqe === undefined) throw new RangeError(`no send WQE ${index}`);
    return wqe;
  }

  /** The next entry to fill; it is queued when `head` is raised. Precondition: not full. */
  free(): SendWqe {
    const place = this.head % this.#ring.length;
    const known = this.#ring[place];
    if (known !== undefined) return known;
    const made = makeSendWqe();
    this.#ring[place] = made;
    return made;
  }

  clear(): void {
    this.head = 0;
    this.begun = 0;
    this.tail = 0;
  }
}

/** Writes a WR into a queue entry. `inline`: its bytes, already copied. */
export const fillSendWqe = (wqe: SendWqe, wr: SendWr, signaled: boolean, inline: Uint8Array | undefined): void => {
  wqe.wrId = wr.wrId;
  wqe.opcode = wr.opcode;
  wqe.signaled = signaled;
  wqe.fence = wr.fence ?? false;
  wqe.solicited = wr.solicited ?? false;
  fillSgeList(wqe.sges, wr.sgList ?? []);
  wqe.inline = inline;
  wqe.length = inline === undefined ? wqe.sges.bytes : inline.length;
  wqe.psnCount = 0;
  wqe.failure = undefined;
  wqe.bind = undefined;
  wqe.ah = undefined;
  if ('imm' in wr) wqe.imm = wr.imm;
  if ('invalidateRkey' in wr) wqe.invalidateRkey = wr.invalidateRkey;
  if ('rkey' in wr) wqe.rkey = wr.rkey;
  if ('remoteAddr' in wr) wqe.remoteAddr = va(wr.remoteAddr);
  switch (wr.opcode) {
    case 'SEND':
    case 'SEND_WITH_IMM':
      if (wr.ud === undefined) return;
      wqe.ah = wr.ud.ah.attr;
      wqe.remoteQpn = wr.ud.remoteQpn;
      wqe.remoteQkey = wr.ud.remoteQkey;
      return;
    case 'ATOMIC_CMP_AND_SWP':
      wqe.compareAdd = wr.compareAdd;
      wqe.swap = wr.swap;
      return;
    case 'ATOMIC_FETCH_AND_ADD':
      wqe.compareAdd = wr.compareAdd;
      return;
    case 'FLUSH':
      wqe.length = wr.length;
      wqe.placement = wr.placement;
      wqe.selectivity = wr.selectivity;
      return;
    case 'BIND_MW':
      wqe.mw = wr.mw.handle;
      wqe.bind = { ...wr.bind, mr: wr.bind.mr?.handle ?? 0 };
      return;
    default:
      return;
  }
};
