import type { Bounds } from '../../model/bounds.ts';
import type { QpContext, QpEvent, QpPart } from '../../model/context.ts';
import {
  type Command,
  type CoordinatorContext,
  type CoordinatorEvent,
  type CoordinatorValue,
  coordinatorMachine,
  unmoved,
} from '../../model/coordinator.ts';
import { connected } from '../../model/initial.ts';
import { stock } from '../../model/migration/stock.ts';
import type { Side, Transmit } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import { type QpValue, qpMachine } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Machines } from '../../model/side-state.ts';
import { verbs } from '../../model/verbs.ts';
import type { Work } from '../../model/workload.ts';
import { Locals } from './locals.ts';

export type SideMachines = Machines & {
  readonly coordinatorStart: number;
  readonly copies: Locals<QpValue, QpContext, QpEvent, Transmit>;
  /** The local state of a coordinator that stands there. */
  readonly coordinatorAt: (value: CoordinatorValue, context: CoordinatorContext) => number;
};

/**
 * The parts of a QP machine: its own work to send, the protocol's part laid beside verbs, requester and responder. A stock
 * endpoint is none of the protocol's.
 */
export const partsOf = (protocol: Protocol, bounds: Bounds, works: readonly Work[], capable: boolean) => {
  const engines: readonly QpPart[] = [verbs, requester(bounds, works), responder(bounds)];
  const parts = [...engines, capable ? protocol.part(bounds) : stock];
  return protocol.rewrite?.(parts, bounds) ?? parts;
};

export const qpMachineFor = (protocol: Protocol, { bounds, sides }: Scenario, side: Side) =>
  qpMachine(partsOf(protocol, bounds, sides[side].work, sides[side].capable), connected(0, 0, 0));

/** Interned machines of one side. @param taken collects the edges taken. */
export const machinesFor = (protocol: Protocol, scenario: Scenario, side: Side, taken: Set<string>): SideMachines => {
  const copies = new Locals<QpValue, QpContext, QpEvent, Transmit>(qpMachineFor(protocol, scenario, side), taken);
  const start = unmoved(scenario.sides[side]);
  const coordinators = new Locals<CoordinatorValue, CoordinatorContext, CoordinatorEvent, Command>(
    coordinatorMachine(protocol.coordinator, start),
    taken,
  );
  return {
    copies,
    coordinatorStart: coordinators.admit({ move: 'IDLE' }, start),
    copy: (local) => copies.state(local),
    admit: ({ value, context }) => copies.admit(value, context),
    stepCopy: (local, event) => (local === 0 ? undefined : copies.step(local, event)),
    coordinator: (local) => coordinators.state(local),
    coordinatorAt: (value, context) => coordinators.admit(value, context),
    stepCoordinator: (local, event) => coordinators.step(local, event),
  };
};
