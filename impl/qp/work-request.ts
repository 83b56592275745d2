// Owns work requests as the consumer posts them. Names as in `ibv_send_wr`, `ibv_recv_wr`. Chapter 40.
import type { AhAttr } from './attributes.ts';

/** One piece of registered memory. */
export type Sge = {
  /** Virtual address: `mr.addr` plus an offset. */
  readonly addr: number;
  /** Bytes. */
  readonly length: number;
  readonly lkey: number;
};

/** Destination of a datagram (UD only). */
export type UdDestination = {
  /** An address handle of the QP's protection domain. */
  readonly ah: { readonly attr: AhAttr; readonly pd: object; readonly gone: boolean };
  readonly remoteQpn: number;
  /** If its highest bit is set the QP's own Q_Key is sent instead. */
  readonly remoteQkey: number;
};

type Common = {
  /** Returned in the work completion; a safe integer, 0 and up. */
  readonly wrId: number;
  readonly sgList?: readonly Sge[];
  /** Ask for a completion on success. */
  readonly signaled?: boolean;
  /** Wait for earlier READs and atomics. */
  readonly fence?: boolean;
  /** Ask the remote side for a solicited event. */
  readonly solicited?: boolean;
  /**
   * Copy the bytes at posting: `true`, those of the list, whose lkeys are not looked at; or bytes in place of a list, from
   * memory that need not be registered.
   */
  readonly inline?: boolean | Uint8Array;
};
type Remote = {
  /** Virtual address at the peer, 64 bits. */
  readonly remoteAddr: number | bigint;
  readonly rkey: number;
};

export type SendWr =
  | (Common & { readonly opcode: 'SEND'; readonly ud?: UdDestination })
  | (Common & { readonly opcode: 'SEND_WITH_IMM'; readonly imm: number; readonly ud?: UdDestination })
  | (Common & { readonly opcode: 'SEND_WITH_INV'; readonly invalidateRkey: number })
  | (Common & Remote & { readonly opcode: 'RDMA_WRITE' })
  | (Common & Remote & { readonly opcode: 'RDMA_WRITE_WITH_IMM'; readonly imm: number })
  | (Common & Remote & { readonly opcode: 'RDMA_READ' })
  | (Common & Remote & { readonly opcode: 'ATOMIC_CMP_AND_SWP'; readonly compareAdd: bigint; readonly swap: bigint })
  | (Common & Remote & { readonly opcode: 'ATOMIC_FETCH_AND_ADD'; readonly compareAdd: bigint })
  | (Common & Remote & { readonly opcode: 'ATOMIC_WRITE' })
  | (Common &
      Remote & {
        readonly opcode: 'FLUSH';
        /** Bytes of the remote range. */
        readonly length: number;
        readonly placement: 'GLOBAL' | 'PERSISTENT';
        readonly selectivity: 'RANGE' | 'MR';
      })
  | (Common & { readonly opcode: 'LOCAL_INV'; readonly invalidateRkey: number })
  | (Common & {
      readonly opcode: 'BIND_MW';
      /** A memory window of type 2; those of type 1 are bound by `bindMw`. */
      readonly mw: { readonly handle: number };
      /** The R_Key the window is to have: the window's index, any low byte. */
      readonly rkey: number;
      readonly bind: MwBindInfo;
    });

/** What a memory window is bound to (`ibv_mw_bind_info`). */
export type MwBindInfo = {
  /** The memory region; it may be left out where the length is 0. */
  readonly mr?: { readonly handle: number };
  readonly addr: number;
  /** Bytes; 0 takes a type 1 window off what it was bound to. */
  readonly length: number;
  /** REMOTE_ and FLUSH_ bits of `ACCESS`. The region need not have them, only LOCAL_WRITE where a peer is to write. */
  readonly access: number;
};

export type WrOpcode = SendWr['opcode'];

export type RecvWr = { readonly wrId: number; readonly sgList?: readonly Sge[] };
