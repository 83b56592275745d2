import type { QpContext, QpEvent, Whereabouts } from './context.ts';
import type { Command, CoordinatorContext, CoordinatorEvent, CoordinatorValue } from './coordinator.ts';
import type { Host, Side, Transmit } from './packet.ts';
import type { Copy, Protocol } from './protocol.ts';
import type { Scenario } from './scenario.ts';

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
  | { readonly kind: HostEvent; readonly host: Host };

/** What becomes of a host the container has left or is leaving, or of a target: by the protocol or by a fault. */
type HostEvent = 'destroy' | 'entomb' | 'retire' | 'dark' | 'dies' | 'reuse';

export type SideStep = {
  readonly next: SideState;
  readonly out: readonly { readonly host: Host; readonly transmit: Transmit }[];
};

/** Incarnation of a stranger that got an old QPN: no copy of ours. */
export const STRANGER = -1;

/** What happens at one end: pure functions of its state, the event, and what the record says of the peer. */
export const sideOf = (machines: Machines, protocol: Protocol, scenario: Scenario, side: Side) => {
  const put = (copies: readonly Local[], host: Host, local: Local) =>
    copies.map((old, h) => (h === host ? local : old));
  const selfOf = (local: Local | undefined) => (local ? machines.copy(local).value.self : undefined);
  const lives = (local: Local | undefined) => local !== undefined && local !== 0 && selfOf(local) !== 'GONE';

  /** Where the container's state is: a host's copy, or the image while it travels. */
  const authority = (state: SideState): { readonly at: Host | 'image'; readonly local: Local } => {
    const { value, context } = machines.coordinator(state.coordinator);
    const at = context.route[value.move === 'ACTIVATED' ? context.hop + 1 : context.hop] ?? 0;
    // A crashed coordinator may not have dumped yet: then the copy counts, unless only the image is left.
    const moving =
      value.move === 'DUMPED' || value.move === 'RESTORED' || (value.move === 'CRASHED' && !state.copies[at]);
    const travels = moving && state.image !== 0;
    return travels ? { at: 'image', local: state.image } : { at, local: state.copies[at] ?? 0 };
  };

  const stepCopy = (state: SideState, host: Host, event: QpEvent): SideStep | undefined => {
    const step = machines.stepCopy(state.copies[host] ?? 0, event);
    if (!step) return undefined;
    const out = step.out.map((transmit) => ({ host, transmit }));
    return { next: { ...state, copies: put(state.copies, host, step.next) }, out };
  };

  const save = (state: SideState, source: Local, what: 'memory' | 'dump'): SideState => {
    const { value, context } = machines.copy(source);
    if (what === 'memory') return { ...state, memory: context.ghost.executed };
    if (state.memory < 0) return { ...state, image: source };
    const ghost = { ...context.ghost, executed: state.memory };
    return { ...state, image: machines.admit({ value, context: { ...context, ghost } }) };
  };

  const obey = (state: SideState, command: Command, source: Host, target: Host): SideStep | undefined => {
    if ('event' in command) return stepCopy(state, command.on === 'source' ? source : target, command.event);
    if (command.image !== 'restore') return { next: save(state, state.copies[source] ?? 0, command.image), out: [] };
    const copy = protocol.restore(machines.copy(state.image), target);
    return copy && { next: { ...state, copies: put(state.copies, target, machines.admit(copy)) }, out: [] };
  };

  const coordinate = (state: SideState, type: CoordinatorEvent['type'], peerCapable: boolean): SideStep | undefined => {
    const { route, hop, epoch } = machines.coordinator(state.coordinator).context;
    const [source, target] = [route[hop] ?? 0, route[hop + 1] ?? -1];
    const arrived = state.copies[target] ? machines.copy(state.copies[target]) : undefined;
    // Of copies with numbers, one that an earlier move has left there is not the one that was restored.
    const restored = arrived?.value.self === 'STOPPED' && (!protocol.tombstones || arrived.context.epoch === epoch);
    const step = machines.stepCoordinator(state.coordinator, {
      type,
      sourceAlive: lives(state.copies[source]),
      answered: selfOf(state.copies[source]) === 'RUNNING',
      targetAlive: restored,
      dumped: state.image !== 0,
      later: scenario.assumptions.record === 'later',
      peerCapable,
    });
    if (!step) return undefined;
    let done: SideStep = { next: { ...state, coordinator: step.next }, out: [] };
    for (const command of step.out) {
      const next = obey(done.next, command, source, target);
      if (!next) return undefined;
      done = { next: next.next, out: [...done.out, ...next.out] };
    }
    const decided = type === 'resume' || type === 'commit' || type === 'abort' || type === 'return';
    return decided && !(type === 'return' && state.image && !lives(state.copies[source]))
      ? { ...done, next: { ...done.next, image: 0, memory: -1 } }
      : done;
  };

  const fail = (state: SideState, host: Host, fault: Partial<SideState>): SideStep => ({
    next: { ...state, copies: put(state.copies, host, 0), ...fault },
    out: [],
  });

  /** The worst stranger: it expects just the PSN that comes next here, from the same host. */
  const stranger = (state: SideState, host: Host): SideStep | undefined => {
    const { local } = authority(state);
    if (!local) return undefined;
    const old = machines.copy(local);
    const ghost = { executed: 0, broke: '' } as const;
    const context: QpContext = { ...old.context, host, epoch: STRANGER, ghost };
    const value = { ...old.value, verbs: 'RTR', self: 'RUNNING', peer: 'REACHABLE' } as const;
    return { next: { ...state, copies: put(state.copies, host, machines.admit({ value, context })) }, out: [] };
  };

  const step = (state: SideState, event: SideEvent, peerCapable: boolean): SideStep | undefined => {
    switch (event.kind) {
      case 'copy': {
        const done = stepCopy(state, event.host, event.event);
        return done && event.event.type === 'post.receive'
          ? { ...done, next: { ...done.next, posted: state.posted + 1 } }
          : done;
      }
      case 'consumer': {
        const done = stepCopy(state, event.host, event.event);
        return done && { ...done, next: { ...done.next, consumed: state.consumed + 1 } };
      }
      case 'orderAgain':
        return stepCopy(state, event.host, event.event);
      case 'coordinator':
        return coordinate(state, event.type, peerCapable);
      case 'destroy':
        return stepCopy(state, event.host, { type: 'destroy' });
      case 'entomb': {
        const { route, hop } = machines.coordinator(state.coordinator).context;
        return stepCopy(state, event.host, { type: 'entomb', forwardTo: route[hop] ?? 0 });
      }
      case 'retire':
        return stepCopy(state, event.host, { type: 'retire' });
      case 'dark':
        return fail(state, event.host, { dark: 1 });
      case 'dies':
        return fail(state, event.host, { died: 1 });
      case 'reuse':
        return stranger(state, event.host);
      default:
        return event satisfies never;
    }
  };

  return { machines, authority, step, lives, selfOf, events: eventsOf(machines, protocol, scenario, side, authority) };
};

const COORDINATOR_STEPS = [
  'dumpMemory',
  'stop',
  'dump',
  'restore',
  'resume',
  'commit',
  'start',
  'goOn',
  'declareDead',
] as const;

/** Every event that may be tried in a state, apart from arriving packets. */
const eventsOf = (
  machines: Machines,
  protocol: Protocol,
  { assumptions, faults, sides }: Scenario,
  side: Side,
  authority: (state: SideState) => { readonly at: Host | 'image'; readonly local: Local },
) => {
  const ofCopy = (state: SideState, host: Host, peer: Whereabouts | undefined): readonly SideEvent[] => {
    const { value, context } = machines.copy(state.copies[host] ?? 0);
    if (value.self === 'GONE' || value.self === 'TOMBSTONE' || context.epoch === STRANGER) return [];
    const later = assumptions.record === 'later' ? ({ later: true } as const) : {};
    const timeout: QpEvent = peer ? { type: 'ackTimeout', peer, ...later } : { type: 'ackTimeout' };
    const todo = sides[side].consumer[state.consumed];
    return [
      { kind: 'copy', host, event: { type: 'transmit' } },
      { kind: 'copy', host, event: timeout, timer: true },
      { kind: 'copy', host, event: { type: 'rnrTimeout' } },
      ...(context.asked.length > 0 ? [{ kind: 'copy', host, event: { type: 'record.answer' } } as const] : []),
      ...(state.posted < sides[side].lateReceives
        ? [{ kind: 'copy', host, event: { type: 'post.receive' } } as const]
        : []),
      ...(todo ? [{ kind: 'consumer', host, event: { type: todo } } as const] : []),
    ];
  };

  /** Orders that the coordinator has given, each to the host that it gave it to. After an abort it gives no more. */
  const ordersOf = (state: SideState): readonly SideEvent[] => {
    const { value, context } = machines.coordinator(state.coordinator);
    const { route } = sides[side];
    const { hop, epoch } = context;
    const orders = route.slice(0, hop).flatMap((host, k) => [
      { host, event: { type: 'stop', epoch: k } as const },
      ...(k > 0
        ? [
            { host, event: { type: 'activate', epoch: k } as const },
            { host, event: { type: 'resume' } as const },
          ]
        : []),
    ]);
    const here = route[hop] ?? 0;
    if (value.move === 'DECIDED') return orders.map((order) => ({ kind: 'orderAgain', ...order }));
    const aborted = epoch > hop;
    const current = [
      ...(hop > 0 && !aborted ? [{ host: here, event: { type: 'activate', epoch } as const }] : []),
      ...(aborted ? [{ host: here, event: { type: 'stop', epoch: epoch - 1 } as const }] : []),
      ...(aborted ? [{ host: here, event: { type: 'unstop', epoch } as const }] : []),
    ];
    return [...orders, ...current].map((order) => ({ kind: 'orderAgain', ...order }));
  };

  /** What may befall a host that the container has left, or is leaving. */
  const ofOldHost = (state: SideState, host: Host): readonly SideEvent[] => {
    const { value, context } = machines.coordinator(state.coordinator);
    const leaving = context.route[context.hop] === host;
    const arriving = context.route[context.hop + 1] === host && value.move !== 'IDLE' && value.move !== 'DECIDED';
    const left = !leaving && !arriving;
    const dumped = leaving && state.image !== 0;
    if (!left && !dumped) return [];
    const { self } = machines.copy(state.copies[host] ?? 0).value;
    const live = authority(state).local;
    const settled = live !== 0 && machines.copy(live).value.self === 'RUNNING';
    const mayGo = assumptions.oldCopy !== 'kept' && (left || assumptions.oldCopy === 'dump');
    const events: SideEvent[] = [];
    if (self === 'STOPPED' && !protocol.tombstones && mayGo) events.push({ kind: 'destroy', host });
    if (self === 'STOPPED' && protocol.tombstones && left) events.push({ kind: 'entomb', host });
    if (self === 'TOMBSTONE' && settled) events.push({ kind: 'retire', host });
    if (self === 'GONE' && faults.reuse && left) events.push({ kind: 'reuse', host });
    if (self !== 'GONE' && faults.dark.includes(side) && !state.dark) events.push({ kind: 'dark', host });
    return events;
  };

  return (state: SideState, peer: Whereabouts | undefined): readonly SideEvent[] => {
    const { value, context } = machines.coordinator(state.coordinator);
    const hosts = [...state.copies.keys()].filter((host) => state.copies[host]);
    const hop = { source: context.route[context.hop] ?? -1, target: context.route[context.hop + 1] ?? -1 };
    const events: SideEvent[] = hosts.flatMap((host) => [...ofCopy(state, host, peer), ...ofOldHost(state, host)]);
    events.push(...COORDINATOR_STEPS.map((type) => ({ kind: 'coordinator', type }) as const));
    if (assumptions.orders === 'again') events.push(...ordersOf(state));
    if (faults.abort) events.push({ kind: 'coordinator', type: 'abort' });
    if (faults.crash) events.push({ kind: 'coordinator', type: 'crash' }, { kind: 'coordinator', type: 'return' });
    if (faults.targetDies.includes('before') && !state.died && value.move === 'RESTORED' && state.copies[hop.target])
      events.push({ kind: 'dies', host: hop.target });
    if (
      faults.targetDies.includes('after') &&
      !state.died &&
      (context.hop > 0 || sides[side].route.length === 1) &&
      state.copies[hop.source] &&
      (value.move === 'IDLE' || value.move === 'DECIDED')
    )
      events.push({ kind: 'dies', host: hop.source });
    return events;
  };
};
