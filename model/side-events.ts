import type { QpEvent, Whereabouts } from './context.ts';
import type { Host, Side } from './packet.ts';
import type { Protocol } from './protocol.ts';
import type { QpValue } from './qp.ts';
import type { Scenario } from './scenario.ts';
import { type Local, type Machines, type SideEvent, type SideState, STRANGER } from './side-state.ts';

const COORDINATOR_STEPS = [
  'dumpMemory',
  'stop',
  'halt',
  'dump',
  'restore',
  'resume',
  'commit',
  'start',
  'goOn',
  'declareDead',
] as const;

/** Every event that may be tried in a state, apart from arriving packets. */
export const eventsOf = (
  machines: Machines,
  protocol: Protocol,
  { assumptions, faults, sides }: Scenario,
  side: Side,
  authority: (state: SideState) => { readonly at: Host | 'image'; readonly local: Local },
  selfOf: (local: Local | undefined) => QpValue['self'] | undefined,
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

  /** Orders that the coordinator has given, each to the host that it gave it to. */
  const ordersOf = (state: SideState): readonly SideEvent[] => {
    const { value, context } = machines.coordinator(state.coordinator);
    const { route, hop, epoch, since } = context;
    const newest = value.move === 'DECIDED' ? epoch - 1 : epoch;
    const orders = since.flatMap((first, k) => {
      const host = route[k] ?? 0;
      const next = since[k + 1] ?? epoch + 1;
      const incarnations = Array.from({ length: next - first }, (_, n) => first + n);
      return incarnations.flatMap((incarnation): readonly { readonly host: Host; readonly event: QpEvent }[] => {
        const start = incarnation === first ? 'activate' : 'unstop';
        const wasStarted = incarnation > 0 && incarnation <= newest;
        return [
          ...(incarnation < epoch ? [{ host, event: { type: 'stop', epoch: incarnation } } as const] : []),
          ...(wasStarted ? [{ host, event: { type: start, epoch: incarnation } } as const] : []),
          ...(k > 0 && k < hop ? [{ host, event: { type: 'resume' } } as const] : []),
        ];
      });
    });
    const images = state.kept.flatMap((image, k): readonly SideEvent[] => {
      const host = route[k + 1] ?? 0;
      const self = selfOf(state.copies[host]);
      // A host that has failed obeys nothing any more.
      const isFree = self === 'GONE' || self === 'TOMBSTONE';
      return image !== 0 && isFree ? [{ kind: 'restoreAgain', host, hop: k }] : [];
    });
    return [...orders.map((order) => ({ kind: 'orderAgain', ...order }) as const), ...images];
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
    const undumped = value.move === 'INTENDED' || value.move === 'STOPPED' || value.move === 'CRASHED';
    const stays = value.move === 'IDLE' && sides[side].route.length === 1;
    if (faults.sourceDies && !state.died && !state.image && (undumped || stays) && state.copies[hop.source])
      events.push({ kind: 'dies', host: hop.source });
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
