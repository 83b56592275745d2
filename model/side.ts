import type { QpContext, QpEvent } from './context.ts';
import type { Command, CoordinatorEvent } from './coordinator.ts';
import type { Host, Side } from './packet.ts';
import type { Protocol } from './protocol.ts';
import type { Scenario } from './scenario.ts';
import { eventsOf } from './side-events.ts';
import { type Local, type Machines, type SideEvent, type SideState, type SideStep, STRANGER } from './side-state.ts';

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
    if (!decided || (type === 'return' && state.image && !lives(state.copies[source]))) return done;
    const arrives = machines.coordinator(step.next).context.hop > hop;
    const kept = arrives && scenario.assumptions.orders === 'again' ? [...state.kept, state.image] : state.kept;
    return { ...done, next: { ...done.next, image: 0, kept, memory: -1 } };
  };

  /** An order that comes again. Who asks the record before it starts knows whether it is still to. */
  const obeyAgain = (state: SideState, host: Host, event: QpEvent): SideStep | undefined => {
    const { route, hop, epoch } = machines.coordinator(state.coordinator).context;
    const starts = event.type === 'activate' || event.type === 'unstop';
    const stale = starts && (event.epoch !== epoch || route[hop] !== host);
    return stale && protocol.startsByRecord ? undefined : stepCopy(state, host, event);
  };

  const restoreAgain = (state: SideState, host: Host, hop: number): SideStep | undefined => {
    const copy = protocol.restore(machines.copy(state.kept[hop] ?? 0), host);
    return copy && { next: { ...state, copies: put(state.copies, host, machines.admit(copy)) }, out: [] };
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
        return obeyAgain(state, event.host, event.event);
      case 'restoreAgain':
        return restoreAgain(state, event.host, event.hop);
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

  return {
    machines,
    authority,
    step,
    lives,
    selfOf,
    events: eventsOf(machines, protocol, scenario, side, authority, selfOf),
  };
};
