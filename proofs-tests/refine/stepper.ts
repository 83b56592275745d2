/**
 * The tables of a QP machine, taken as they stand. XState, which says what they mean, needs some forty microseconds for an
 * event, and an implementation has many; a test holds both to the same answer in every state and event.
 */
import type { QpContext, QpEvent, QpPart } from '../../model/context.ts';
import type { Taken } from '../../model/machine.ts';
import type { Transmit } from '../../model/packet.ts';
import type { Edge } from '../../model/part.ts';
import type { QpValue } from '../../model/qp.ts';

export type Snapshot = { readonly value: QpValue; readonly context: QpContext };

/** What an event did; undefined where no edge takes it. */
export type Step = {
  readonly after: Snapshot;
  readonly sent: readonly Transmit[];
  readonly taken: readonly Taken[];
};

type Condition = (value: Values, context: QpContext, event: QpEvent) => boolean;
type Values = Readonly<Record<string, string>>;

/** One macrostep under way. */
type Progress = {
  value: Record<string, string>;
  context: QpContext;
  event: QpEvent;
  readonly raised: QpEvent[];
  readonly sent: Transmit[];
  readonly taken: Taken[];
};

type Effect = (progress: Progress) => void;

type CompiledEdge = {
  readonly target: string | undefined;
  readonly condition: Condition;
  readonly effects: readonly Effect[];
  readonly taken: Taken;
};

/** By region, state and event. */
type Regions = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, readonly CompiledEdge[]>>>;

const STATE_PATH = /^(\w+)\.([A-Z_]+)$/;
const RAISE = 'raise.';
const RAISED = { 'send.error': { type: 'send.error' }, fatal: { type: 'fatal' } } as const;

export type Stepper = (before: Snapshot, event: QpEvent) => Step | undefined;

const merged = <T>(records: readonly { readonly [name: string]: T }[]): ReadonlyMap<string, T> =>
  new Map(records.flatMap((record) => Object.entries(record)));

const missing = (what: string, name: string): never => {
  throw new Error(`no ${what} is called ${name}`);
};

/** Guards by name, each made when it is first asked for: they name each other. */
const conditionsOf = (parts: readonly QpPart[]): ((name: string) => Condition) => {
  const guards = merged(parts.map((part) => part.guards));
  const made = new Map<string, Condition>();
  const make = (name: string): Condition => {
    if (name.startsWith('!')) {
      const positive = conditionOf(name.slice(1));
      return (...args) => !positive(...args);
    }
    const [, region, state] = STATE_PATH.exec(name) ?? [];
    if (region !== undefined && state !== undefined) return (value) => value[region] === state;
    const guard = guards.get(name) ?? missing('guard', name);
    if (typeof guard === 'function') return (_, context, event) => guard({ context, event });
    if ('any' in guard) {
      const any = guard.any.map(conditionOf);
      return (...args) => any.some((each) => each(...args));
    }
    return all(guard.all.map(conditionOf));
  };
  const conditionOf = (name: string): Condition => {
    const known = made.get(name) ?? make(name);
    made.set(name, known);
    return known;
  };
  return conditionOf;
};

const all =
  (conditions: readonly Condition[]): Condition =>
  (value, context, event) => {
    for (const condition of conditions) if (!condition(value, context, event)) return false;
    return true;
  };

const effectsOf = (parts: readonly QpPart[]): ((name: string) => Effect) => {
  const updates = merged(parts.map((part) => part.updates));
  const sends = merged(parts.map((part) => part.sends));
  return (name) => {
    if (name.startsWith(RAISE)) {
      const [, event] = Object.entries(RAISED).find(([type]) => type === name.slice(RAISE.length)) ?? [];
      return event === undefined ? missing('event', name) : ({ raised }) => raised.push(event);
    }
    const update = updates.get(name);
    if (update !== undefined)
      return (progress) => {
        const { context, event } = progress;
        progress.context = { ...context, ...update({ context, event }) };
      };
    const send = sends.get(name) ?? missing('action', name);
    return ({ context, event, sent }) => sent.push(...send({ context, event }));
  };
};

const regionsOf = (parts: readonly QpPart[]): Regions => {
  const [conditionOf, effectOf] = [conditionsOf(parts), effectsOf(parts)];
  const compile = (place: string, { target, when = [], do: actions = [], rule, keeps = [] }: Edge): CompiledEdge => ({
    target,
    condition: all(when.map(conditionOf)),
    effects: actions.map(effectOf),
    taken: { edge: place, rules: [rule, ...keeps] },
  });
  const ofState = (place: string, on: { readonly [event: string]: readonly Edge[] }) =>
    new Map(
      Object.entries(on).map(([event, edges]) => [
        event,
        edges.map((edge, k) => compile(`${place}.${event}.${k}`, edge)),
      ]),
    );
  return new Map(
    parts
      .flatMap(({ regions }) => Object.entries(regions))
      .map(([name, { states }]) => [
        name,
        new Map(Object.entries(states).map(([state, on]) => [state, ofState(`${name}.${state}`, on)])),
      ]),
  );
};

const NONE: readonly CompiledEdge[] = [];

/** Every region takes its first edge whose guards held before; then all do what they do, in the order of the value's names. */
const microstep = (regions: Regions, progress: Progress): void => {
  const { value, context, event } = progress;
  const chosen: (readonly [string, CompiledEdge])[] = [];
  for (const name in value) {
    const edges =
      regions
        .get(name)
        ?.get(value[name] ?? '')
        ?.get(event.type) ?? NONE;
    const edge = edges.find(({ condition }) => condition(value, context, event));
    if (edge !== undefined) chosen.push([name, edge]);
  }
  if (chosen.length === 0) return;
  progress.value = { ...value };
  for (const [name, { target, effects, taken }] of chosen) {
    for (const effect of effects) effect(progress);
    progress.taken.push(taken);
    if (target !== undefined) progress.value[name] = target;
  }
};

/** What a machine of these parts does with an event. */
export const stepperOf = (parts: readonly QpPart[]): Stepper => {
  const regions = regionsOf(parts);
  return (before, event) => {
    const { value, context } = before;
    const progress: Progress = { value, context, event, raised: [], sent: [], taken: [] };
    microstep(regions, progress);
    for (let next = progress.raised.shift(); next !== undefined; next = progress.raised.shift()) {
      progress.event = next;
      microstep(regions, progress);
    }
    const { sent, taken } = progress;
    if (taken.length === 0) return undefined;
    return { after: { value: progress.value as QpValue, context: progress.context }, sent, taken };
  };
};
