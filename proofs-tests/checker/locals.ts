import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type ExecutableActionObject,
} from 'xstate';
import type { Taken } from '../../model/machine.ts';
import { heapRoom } from './room.ts';

/** Calls between two looks at the heap. */
const STRIDE = 0xff;

/**
 * What XState's `transition` makes anew for each call, with an actor that works out where its machine begins; none of it
 * matters to a machine that starts no actors.
 */
const scopeOf = (machine: AnyStateMachine, actions: ExecutableActionObject[]): AnyActorScope => {
  const self = createActor(machine);
  const nothing = () => {};
  return {
    self,
    system: self.system,
    id: '',
    sessionId: '',
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action) => {
      actions.push(action);
    },
  };
};

export type LocalStep<Output> = {
  readonly next: number;
  readonly out: readonly Output[];
  readonly taken: readonly Taken[];
};

/**
 * One XState machine with its states interned: a dense number for each snapshot, a step computed once for each
 * (state, event). XState is the only semantics; this remembers what it said. Number 0 is free for "no machine".
 */
export class Locals<Value, Context, Event extends EventObject, Output> {
  readonly machine: AnyStateMachine;
  readonly #snapshots: (AnyMachineSnapshot | undefined)[] = [undefined];
  readonly #ids = new Map<string, number>();
  readonly #steps: Map<string, LocalStep<Output> | undefined>[] = [new Map()];
  readonly #taken: Set<string>;
  /** Actions of the step that is being computed. */
  readonly #actions: ExecutableActionObject[] = [];
  readonly #scope: AnyActorScope;
  /** Calls of XState so far. */
  calls = 0;

  /** @param taken collects the edges that any step took. */
  constructor(machine: AnyStateMachine, taken: Set<string>) {
    this.machine = machine;
    this.#taken = taken;
    this.#scope = scopeOf(machine, this.#actions);
  }

  get size(): number {
    return this.#snapshots.length - 1;
  }

  admit(value: Value, context: Context): number {
    return this.#intern(this.machine.resolveState({ value: value as never, context }));
  }

  state(local: number): { readonly value: Value; readonly context: Context } {
    const snapshot = this.#snapshots[local];
    if (!snapshot) throw new RangeError(`no local state ${local}`);
    return snapshot as never;
  }

  /** undefined when the event changes nothing and sends nothing. */
  step(local: number, event: Event): LocalStep<Output> | undefined {
    const steps = this.#steps[local];
    if (!steps) throw new RangeError(`no local state ${local}`);
    const key = JSON.stringify(event);
    if (steps.has(key)) return steps.get(key);
    const step = this.#compute(local, event);
    steps.set(key, step);
    return step;
  }

  #compute(local: number, event: Event): LocalStep<Output> | undefined {
    this.calls += 1;
    if ((this.calls & STRIDE) === 0) heapRoom();
    this.#actions.length = 0;
    const after = this.machine.transition(this.#snapshots[local] as AnyMachineSnapshot, event, this.#scope);
    const of = <T>(type: string): readonly T[] =>
      this.#actions.flatMap((action) => (action.type === type ? [action.params as T] : []));
    const taken = of<Taken>('taken');
    for (const { edge } of taken) this.#taken.add(edge);
    const next = this.#intern(after);
    const out = of<Output>('output');
    return next === local && out.length === 0 ? undefined : { next, out, taken };
  }

  #intern(snapshot: AnyMachineSnapshot): number {
    const key = JSON.stringify([snapshot.value, snapshot.context]);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#snapshots.length;
    this.#ids.set(key, id);
    this.#snapshots.push(snapshot);
    this.#steps.push(new Map());
    return id;
  }
}
