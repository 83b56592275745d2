/**
 * The tables of a QP machine, taken as they stand. XState, which says what they mean, needs some forty microseconds for an
 * event, and an implementation has many; a test holds both to the same answer in every state and event.
 *
 * What a guard asks of the states of regions is answered once for each value of the machine and type of event; what is left
 * is asked of the context each time.
 */
import type { QpArgs, QpContext, QpEvent, QpPart } from '../../model/context.ts';
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

export type Stepper = (before: Snapshot, event: QpEvent) => Step | undefined;

/** One macrostep under way. */
type Progress = {
  context: QpContext;
  event: QpEvent;
  readonly raised: QpEvent[];
  readonly sent: Transmit[];
  readonly taken: Taken[];
};

type Effect = (progress: Progress) => void;

/** What is left of a guard once the states are known: the answer, or a question to the context. */
type Condition = boolean | ((args: QpArgs) => boolean);

/** An edge that may be taken in a standing. */
type Way = {
  readonly region: string;
  readonly target: string | undefined;
  readonly conditions: readonly ((args: QpArgs) => boolean)[];
  readonly effects: readonly Effect[];
  readonly taken: Taken;
};

/** The edges of one region, in order of priority. */
type Choice = readonly Way[];

const STATE_PATH = /^(\w+)\.([A-Z_]+)$/;
const RAISE = 'raise.';
const RAISED = { 'send.error': { type: 'send.error' }, fatal: { type: 'fatal' } } as const;

const merged = <T>(records: readonly { readonly [name: string]: T }[]): ReadonlyMap<string, T> =>
  new Map(records.flatMap((record) => Object.entries(record)));

const missing = (what: string, name: string): never => {
  throw new Error(`no ${what} is called ${name}`);
};

const isQuestion = (condition: Condition): condition is (args: QpArgs) => boolean => typeof condition === 'function';

/** Whether all hold: the first that does not decides, and so does the lack of questions. */
const all = (conditions: readonly Condition[]): Condition => {
  if (conditions.includes(false)) return false;
  const [first, ...more] = conditions.filter(isQuestion);
  if (first === undefined) return true;
  return more.length === 0 ? first : (args) => first(args) && more.every((each) => each(args));
};

const any = (conditions: readonly Condition[]): Condition => {
  if (conditions.includes(true)) return true;
  const [first, ...more] = conditions.filter(isQuestion);
  if (first === undefined) return false;
  return more.length === 0 ? first : (args) => first(args) || more.some((each) => each(args));
};

type States = ReadonlyMap<string, string>;

/** Guards by name, as they are while the regions stand so. */
const conditionsOf = (parts: readonly QpPart[]): ((states: States, name: string) => Condition) => {
  const guards = merged(parts.map((part) => part.guards));
  const conditionOf = (states: States, name: string): Condition => {
    if (name.startsWith('!')) {
      const positive = conditionOf(states, name.slice(1));
      return isQuestion(positive) ? (args) => !positive(args) : !positive;
    }
    const [, region, state] = STATE_PATH.exec(name) ?? [];
    if (region !== undefined && state !== undefined) return states.get(region) === state;
    const guard = guards.get(name) ?? missing('guard', name);
    if (typeof guard === 'function') return guard;
    return 'any' in guard
      ? any(guard.any.map((each) => conditionOf(states, each)))
      : all(guard.all.map((each) => conditionOf(states, each)));
  };
  return conditionOf;
};

/** Field by field, and always the same fields in the same order: to spread one record into another takes six times as long. */
export const copyOf = (now: QpContext): QpContext => ({
  qpType: now.qpType,
  una: now.una,
  nxt: now.nxt,
  sent: now.sent,
  retries: now.retries,
  spared: now.spared,
  rnrRetries: now.rnrRetries,
  rnrWait: now.rnrWait,
  expected: now.expected,
  nakSent: now.nakSent,
  inProgress: now.inProgress,
  resources: now.resources,
  ackLost: now.ackLost,
  receives: now.receives,
  host: now.host,
  peerHost: now.peerHost,
  epoch: now.epoch,
  peerEpoch: now.peerEpoch,
  peerCapable: now.peerCapable,
  forwardTo: now.forwardTo,
  asked: now.asked,
  ghost: now.ghost,
});

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
        progress.context = Object.assign(copyOf(context), update({ context, event }));
      };
    const send = sends.get(name) ?? missing('action', name);
    return ({ context, event, sent }) => {
      for (const output of send({ context, event })) sent.push(output);
    };
  };
};

/** The value of a machine, with what it does there: there is one for equal values. */
class Standing implements QpValue {
  readonly verbs: QpValue['verbs'];
  readonly self: QpValue['self'];
  readonly peer: QpValue['peer'];
  readonly requester: QpValue['requester'];
  readonly responder: QpValue['responder'];
  readonly #tables: Tables;
  /** By type of event. */
  readonly #choices = new Map<string, readonly Choice[]>();
  /** By region and target. */
  readonly #next = new Map<string, Standing>();

  constructor({ verbs, self, peer, requester, responder }: QpValue, tables: Tables) {
    this.verbs = verbs;
    this.self = self;
    this.peer = peer;
    this.requester = requester;
    this.responder = responder;
    this.#tables = tables;
  }

  belongsTo(tables: Tables): boolean {
    return this.#tables === tables;
  }

  choices(event: string): readonly Choice[] {
    const known = this.#choices.get(event);
    if (known !== undefined) return known;
    const made = this.#tables.choices(this, event);
    this.#choices.set(event, made);
    return made;
  }

  with(region: string, target: string): Standing {
    const name = `${region}.${target}`;
    const known = this.#next.get(name);
    if (known !== undefined) return known;
    const made = this.#tables.standing({ ...this, [region]: target });
    this.#next.set(name, made);
    return made;
  }
}

class Tables {
  readonly #regions: ReadonlyMap<string, QpPart['regions'][string]>;
  readonly #conditionOf: (states: States, name: string) => Condition;
  readonly #effectOf: (name: string) => Effect;
  readonly #standings = new Map<string, Standing>();

  constructor(parts: readonly QpPart[]) {
    this.#regions = merged(parts.map(({ regions }) => regions));
    this.#conditionOf = conditionsOf(parts);
    this.#effectOf = effectsOf(parts);
  }

  standing(value: QpValue): Standing {
    if (value instanceof Standing && value.belongsTo(this)) return value;
    const { verbs, self, peer, requester, responder } = value;
    const name = `${verbs} ${self} ${peer} ${requester} ${responder}`;
    const known = this.#standings.get(name);
    if (known !== undefined) return known;
    const made = new Standing(value, this);
    this.#standings.set(name, made);
    return made;
  }

  /** What each region may do with an event, in the order of the value's names; one that can do nothing is left out. */
  choices(value: QpValue, event: string): readonly Choice[] {
    const states = new Map<string, string>(Object.entries(value));
    return [...states].flatMap(([region, state]) => {
      const edges = this.#regions.get(region)?.states[state]?.[event] ?? [];
      const ways = edges.flatMap((edge, k) => this.#way(states, region, `${region}.${state}.${event}.${k}`, edge));
      return ways.length === 0 ? [] : [ways];
    });
  }

  #way(states: States, region: string, place: string, edge: Edge): readonly Way[] {
    const { target, when = [], do: actions = [], rule, keeps = [] } = edge;
    const conditions = when.map((name) => this.#conditionOf(states, name));
    if (conditions.includes(false)) return [];
    const effects = actions.map(this.#effectOf);
    return [
      {
        region,
        target,
        conditions: conditions.filter(isQuestion),
        effects,
        taken: { edge: place, rules: [rule, ...keeps] },
      },
    ];
  }
}

const isOpen = ({ conditions }: Way, args: QpArgs): boolean => {
  for (const condition of conditions) if (!condition(args)) return false;
  return true;
};

/** Every region takes its first edge whose guards held before; then all do what they do. Where the machine stands then. */
const microstep = (standing: Standing, progress: Progress): Standing => {
  const choices = standing.choices(progress.event.type);
  if (choices.length === 0) return standing;
  const args: QpArgs = { context: progress.context, event: progress.event };
  const chosen: Way[] = [];
  for (const ways of choices)
    for (const way of ways)
      if (isOpen(way, args)) {
        chosen.push(way);
        break;
      }
  let after = standing;
  for (const { region, target, effects, taken } of chosen) {
    for (const effect of effects) effect(progress);
    progress.taken.push(taken);
    if (target !== undefined) after = after.with(region, target);
  }
  return after;
};

/** What a machine of these parts does with an event. */
export const stepperOf = (parts: readonly QpPart[]): Stepper => {
  const tables = new Tables(parts);
  return (before, event) => {
    const progress: Progress = { context: before.context, event, raised: [], sent: [], taken: [] };
    let standing = microstep(tables.standing(before.value), progress);
    for (let next = progress.raised.shift(); next !== undefined; next = progress.raised.shift()) {
      progress.event = next;
      standing = microstep(standing, progress);
    }
    const { context, sent, taken } = progress;
    return taken.length === 0 ? undefined : { after: { value: standing, context }, sent, taken };
  };
};
