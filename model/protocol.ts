import type { Bounds } from './bounds.ts';
import type { QpContext, QpPart } from './context.ts';
import type { CoordinatorPart } from './coordinator.ts';
import type { QpValue } from './qp.ts';

export type Copy = { readonly value: QpValue; readonly context: QpContext };

/** One live-migration protocol: what it adds to a QP, to an image, and who decides a migration. */
export type Protocol = {
  readonly name: string;
  readonly part: (bounds: Bounds) => QpPart;
  readonly coordinator: CoordinatorPart;
  /** The copy that a restore makes of an image at a host, STOPPED; undefined where the protocol cannot restore it. */
  readonly restore: (image: Copy, host: number) => Copy | undefined;
  /** Tombstones stand at old hosts, and a durable record says where each side is. */
  readonly tombstones: boolean;
  /** Control messages are signed with a key that an earlier connection between the same QPNs did not have. */
  readonly ownKeys: boolean;
  /** An old QPN is given away only when no packet for it can be on its way any more. */
  readonly quarantine: boolean;
  /** Who asks the record is told of a new incarnation only when it has started, until then that the side is moving. */
  readonly toldWhenStarted: boolean;
  /** A host starts an incarnation only if the record has the decision for it, and for it to run there. */
  readonly startsByRecord: boolean;
  /** Has the last word over the parts of a QP machine; for who breaks a machine on purpose, or watches it. */
  readonly rewrite?: (parts: readonly QpPart[], bounds: Bounds) => readonly QpPart[];
};
