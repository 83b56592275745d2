/** XState without tables: every step is computed anew. What the explorer's tables are compared with. */
import { type AnyMachineSnapshot, type AnyStateMachine, type EventObject, transition } from 'xstate';
import type { QpContext, QpEvent } from '../../model/context.ts';
import {
  type Command,
  type CoordinatorContext,
  type CoordinatorEvent,
  type CoordinatorValue,
  coordinatorMachine,
  unmoved,
} from '../../model/coordinator.ts';
import type { Side, Transmit } from '../../model/packet.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { QpValue } from '../../model/qp.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Machines } from '../../model/side-state.ts';
import { type State, systemOf } from '../../model/system.ts';
import { qpMachineFor } from './machines.ts';

/** Type of the actions that carry what a step sends. */
const OUTPUT: string = 'output';

/** Snapshots by number, each number used once: nothing is recognised, nothing looked up. */
class Snapshots<Value, Context, Event extends EventObject, Output> {
  readonly #machine: AnyStateMachine;
  readonly #snapshots: (AnyMachineSnapshot | undefined)[] = [undefined];

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
  }

  state(local: number): { readonly value: Value; readonly context: Context } {
    return this.#snapshots[local] as never;
  }

  admit(value: Value, context: Context): number {
    return this.#snapshots.push(this.#machine.resolveState({ value: value as never, context })) - 1;
  }

  step(local: number, event: Event): { readonly next: number; readonly out: readonly Output[] } | undefined {
    const before = this.#snapshots[local] as AnyMachineSnapshot;
    const [after, actions] = transition(this.#machine, before, event);
    const out = actions.flatMap(({ type, params }) => (type === OUTPUT ? [params as Output] : []));
    const same = JSON.stringify([before.value, before.context]) === JSON.stringify([after.value, after.context]);
    if (same && out.length === 0) return undefined;
    return { next: same ? local : this.#snapshots.push(after) - 1, out };
  }
}

const unrememberedMachines = (protocol: Protocol, scenario: Scenario, side: Side) => {
  const start = unmoved(scenario.sides[side]);
  const copies = new Snapshots<QpValue, QpContext, QpEvent, Transmit>(qpMachineFor(protocol, scenario, side));
  const coordinators = new Snapshots<CoordinatorValue, CoordinatorContext, CoordinatorEvent, Command>(
    coordinatorMachine(protocol.coordinator, start),
  );
  return {
    coordinatorStart: coordinators.admit({ move: 'IDLE' }, start),
    copy: (local) => copies.state(local),
    admit: ({ value, context }) => copies.admit(value, context),
    stepCopy: (local, event) => (local === 0 ? undefined : copies.step(local, event)),
    coordinator: (local) => coordinators.state(local),
    stepCoordinator: (local, event) => coordinators.step(local, event),
  } satisfies Machines & { readonly coordinatorStart: number };
};

/** The composition over machines without memory. */
export const unrememberedSystem = (protocol: Protocol, scenario: Scenario) =>
  systemOf(protocol, scenario, {
    A: unrememberedMachines(protocol, scenario, 'A'),
    B: unrememberedMachines(protocol, scenario, 'B'),
  });

/** A state in full: copies and coordinators by what they are, packets in an order of their own where order means nothing. */
export const inFull = (machines: { readonly [side in Side]: Machines }, state: State, ordered: boolean): string => {
  const side = (s: Side) => {
    const { coordinator, copies, image, ...rest } = state.sides[s];
    const copy = (local: number) => {
      if (local === 0) return null;
      const { value, context } = machines[s].copy(local);
      return { value, context };
    };
    const { value, context } = machines[s].coordinator(coordinator);
    return { coordinator: { value, context }, copies: copies.map(copy), image: copy(image), ...rest };
  };
  // Where paths keep their order, only the order within a path means anything.
  const paths = state.network.packets.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const texts = paths.map((packet) => JSON.stringify(packet));
  const packets = ordered ? texts : texts.toSorted();
  return JSON.stringify({ A: side('A'), B: side('B'), ...state.network, packets });
};
