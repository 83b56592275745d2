// Owns memory regions and windows: what a key opens. Chapter 40.

import type { Views } from './views.ts';

/** Registered memory: real bytes at a virtual address. */
export type MemoryRegion = {
  readonly kind: 'MR';
  readonly handle: number;
  /** Handle of the protection domain. */
  readonly pd: number;
  /** Virtual address of the first byte. */
  readonly addr: number;
  /** Bytes. */
  readonly length: number;
  /** Bits of `ACCESS`. */
  readonly access: number;
  /** The memory itself, shared with the consumer; shorter than `length` if the consumer has given some of it away. */
  readonly bytes: Uint8Array;
  /** Views of it. */
  readonly views: Views;
  readonly lkey: number;
  /** The same number as the lkey. */
  readonly rkey: number;
  /** Windows bound to it now; it cannot be deregistered before they are gone. */
  windows: number;
};

/** A window onto a region, with its own key and permissions. */
export type MemoryWindow = {
  readonly kind: 'MW';
  readonly handle: number;
  readonly pd: number;
  /** 1: open to peers of every QP of its PD; 2: to peers of the QP in whose send queue it was bound. */
  readonly type: 1 | 2;
  rkey: number;
  /** Undefined: not bound, opens nothing. */
  binding: MwBinding | undefined;
};

export type MwBinding = {
  readonly region: MemoryRegion;
  readonly addr: number;
  readonly length: number;
  readonly access: number;
  /** The QP it is bound to (type 2), else undefined. */
  readonly qpn: number | undefined;
};
