import type { QpEvent } from './context.ts';
import type { Command, CoordinatorContext, CoordinatorEvent, CoordinatorValue } from './coordinator.ts';
import type { Host, Transmit } from './packet.ts';
import type { Copy } from './protocol.ts';

/** A number that stands for a local state; 0 is "none". */
export type Local = number;

/** The machines beneath a side: whoever interns their states provides this. A step that changes nothing is undefined. */
export type Machines = {
  readonly copy: (local: Local) => Copy;
  readonly admit: (copy: Copy) => Local;
  readonly stepCopy: (
    local: Local,
    event: QpEvent,
  ) => { readonly next: Local; readonly out: readonly Transmit[] } | undefined;
  readonly coordinator: (local: Local) => { readonly value: CoordinatorValue; readonly context: CoordinatorContext };
  readonly stepCoordinator: (
    local: Local,
    event: CoordinatorEvent,
  ) => { readonly next: Local; readonly out: readonly Command[] } | undefined;
};

/** One end of the connection with all its copies: the container, its image and its coordinator. */
export type SideState = {
  readonly coordinator: Local;
  /** By host. */
  readonly copies: readonly Local[];
  readonly image: Local;
  /** Images that the container went on from, by hop; only where an order to restore one may come again. */
  readonly kept: readonly Local[];
  /** Messages executed when the container's memory was dumped ahead of this QP; -1 where it was not. */
  readonly memory: number;
  /** Steps of the consumer's script done, receives posted late, whether the old and the target host have failed. */
  readonly consumed: number;
  readonly posted: number;
  readonly dark: number;
  readonly died: number;
};

export type SideEvent =
  | { readonly kind: 'copy'; readonly host: Host; readonly event: QpEvent; readonly timer?: true }
  | { readonly kind: 'consumer'; readonly host: Host; readonly event: QpEvent }
  | { readonly kind: 'coordinator'; readonly type: CoordinatorEvent['type'] }
  | { readonly kind: 'orderAgain'; readonly host: Host; readonly event: QpEvent }
  | { readonly kind: 'restoreAgain'; readonly host: Host; readonly hop: number }
  | { readonly kind: HostEvent; readonly host: Host };

/** What becomes of a host the container has left or is leaving, or of a target: by the protocol or by a fault. */
type HostEvent = 'destroy' | 'entomb' | 'retire' | 'dark' | 'dies' | 'reuse';

export type SideStep = {
  readonly next: SideState;
  readonly out: readonly { readonly host: Host; readonly transmit: Transmit }[];
};

/** Incarnation of a stranger that got an old QPN: no copy of ours. */
export const STRANGER = -1;
