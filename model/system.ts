import type { Whereabouts } from './context.ts';
import { whereabouts } from './coordinator.ts';
import { connected } from './initial.ts';
import { arrivable, arrived, duplicated, EMPTY, forged, load, lost, type Network, sent } from './network.ts';
import type { Control, Envelope, Host, Side } from './packet.ts';
import type { Protocol } from './protocol.ts';
import type { QpValue } from './qp.ts';
import type { Scenario } from './scenario.ts';
import { sideOf } from './side.ts';
import { type Machines, type SideEvent, type SideState, type SideStep, STRANGER } from './side-state.ts';

/** Two sides and the network between them. */
export type State = { readonly sides: { readonly [side in Side]: SideState }; readonly network: Network };

export type Action =
  | { readonly kind: 'side'; readonly side: Side; readonly event: SideEvent }
  | { readonly kind: 'arrive' | 'lose' | 'duplicate' | 'forge'; readonly packet: Envelope };

export const SIDES = ['A', 'B'] as const satisfies readonly Side[];
export const otherSide = (side: Side): Side => (side === 'A' ? 'B' : 'A');

/** A host that is no party to the connection. */
export const ATTACKER: Host = 9;

/** When an event may happen, beyond what its side decides. */
export type Need = 'nothing' | 'quiet' | 'quiet and nobody moving';

const VALUE = {
  self: 'RUNNING',
  peer: 'REACHABLE',
  requester: 'ENGINE',
  responder: 'ENGINE',
} as const satisfies Partial<QpValue>;

/** The composition: pure functions from a state and an action to the next state. */
export const systemOf = (
  protocol: Protocol,
  scenario: Scenario,
  machines: { readonly [side in Side]: Machines & { readonly coordinatorStart: number } },
) => {
  const { assumptions, faults, sides: parties, capacity } = scenario;
  const side = {
    A: sideOf(machines.A, protocol, scenario, 'A'),
    B: sideOf(machines.B, protocol, scenario, 'B'),
  };
  const hosts = 1 + Math.max(...SIDES.flatMap((s) => parties[s].route));

  const start = (s: Side): SideState => {
    const [host = 0] = parties[s].route;
    const peer = parties[otherSide(s)];
    const context = connected(host, peer.route[0] ?? 0, parties[s].receives);
    const local = machines[s].admit({
      value: { verbs: parties[s].verbs, ...VALUE },
      context: { ...context, peerCapable: peer.capable ? 1 : 0 },
    });
    const copies = Array.from({ length: hosts }, (_, h) => (h === host ? local : 0));
    const coordinator = machines[s].coordinatorStart;
    return { coordinator, copies, image: 0, kept: [], memory: -1, consumed: 0, posted: 0, dark: 0, died: 0 };
  };

  /** The consumer has reset its QP: at its host nobody knows of the connection any more. */
  const unconnected = (s: Side, state: SideState): boolean => {
    const { at, local } = side[s].authority(state);
    if (at === 'image' || !local) return false;
    const { verbs } = machines[s].copy(local).value;
    return verbs === 'RESET' || verbs === 'INIT';
  };
  const where = (s: Side, state: SideState): Whereabouts => {
    const { value, context } = machines[s].coordinator(state.coordinator);
    const record = whereabouts(value, context, protocol.toldWhenStarted);
    return { ...record, dead: record.dead || (!record.moving && unconnected(s, state)) };
  };
  const moving = (s: Side, state: SideState): boolean => where(s, state).moving;

  const needOf = (event: SideEvent): Need => {
    if (event.kind === 'copy' && event.timer)
      return { any: 'nothing', blackout: 'quiet', patient: 'quiet and nobody moving' }[assumptions.timers] as Need;
    if (event.kind === 'reuse') return protocol.quarantine ? 'quiet' : 'nothing';
    const restarts = event.kind === 'coordinator' && ['resume', 'commit', 'abort', 'return'].includes(event.type);
    return restarts && !assumptions.outlives ? 'quiet' : 'nothing';
  };

  /** The packets a step sends, as the network carries them. */
  const envelopes = (s: Side, out: SideStep['out']): readonly Envelope[] =>
    out.map(({ host, transmit: { to, side: towards, packet } }) => ({
      from: host,
      to,
      side: towards === 'peer' ? otherSide(s) : s,
      packet,
    }));

  const eventsOf = (s: Side, state: SideState, peer: Whereabouts) =>
    side[s].events(state, protocol.tombstones ? peer : undefined);

  const stepSide = (s: Side, state: SideState, event: SideEvent) =>
    side[s].step(state, event, parties[otherSide(s)].capable);

  /** A packet at a side: undefined when it changes nothing there. */
  const arrival = (s: Side, state: SideState, { to, from, packet }: Envelope): SideStep | undefined =>
    side[s].lives(state.copies[to])
      ? side[s].step(state, { kind: 'copy', host: to, event: { ...packet, from } }, true)
      : undefined;

  /** What an attacker who sees nothing but addresses and QPNs can send, and what an earlier connection has left. */
  const forgeries = (state: State): readonly Envelope[] =>
    SIDES.flatMap((s) =>
      [...state.sides[s].copies.entries()].flatMap(([to, local]) => {
        if (!local || !side[s].lives(local)) return [];
        const { context } = machines[s].copy(local);
        if (context.epoch === STRANGER) return [];
        // What an earlier connection between these QPNs has left is as good as genuine, unless it had another key.
        const signatures = faults.earlier && !protocol.ownKeys ? [false, true] : [false];
        const said = { psn: scenario.bounds.initialPsn, epoch: 7 };
        const control = signatures.flatMap((signed): readonly Control[] => [
          { type: 'rx.nakStopped', ...said, signed },
          { type: 'rx.resume', ...said, origin: ATTACKER, signed },
          ...(protocol.tombstones
            ? [{ type: 'rx.resumed', ...said, answers: context.epoch, origin: ATTACKER, signed } as const]
            : []),
        ]);
        return control.map((packet) => ({ from: ATTACKER, to, side: s, packet }));
      }),
    );

  const actions = (state: State): readonly Action[] => {
    const quiet = state.network.packets.length === 0;
    const still = SIDES.every((s) => !moving(s, state.sides[s]));
    const allowed = (event: SideEvent) =>
      ({ nothing: true, quiet, 'quiet and nobody moving': quiet && still })[needOf(event)];
    const distinct = new Map<string, Envelope>();
    for (const at of arrivable(state.network, assumptions.ordered)) {
      const packet = state.network.packets[at];
      if (packet) distinct.set(JSON.stringify(packet), packet);
    }
    return [
      ...SIDES.flatMap((s) =>
        eventsOf(s, state.sides[s], where(otherSide(s), state.sides[otherSide(s)]))
          .filter(allowed)
          .map((event) => ({ kind: 'side', side: s, event }) as const),
      ),
      ...[...distinct.values()].flatMap((packet): readonly Action[] => [
        { kind: 'arrive', packet },
        ...(state.network.lost < faults.lose ? [{ kind: 'lose', packet } as const] : []),
        ...(state.network.duplicated < faults.duplicate ? [{ kind: 'duplicate', packet } as const] : []),
      ]),
      ...(state.network.forged < faults.forge && load(state.network.packets) < capacity
        ? forgeries(state).map((packet) => ({ kind: 'forge', packet }) as const)
        : []),
    ];
  };

  const carry = (state: State, s: Side, step: SideStep, network: Network): State | undefined => {
    const next = sent(network, envelopes(s, step.out), capacity);
    return next && { sides: { ...state.sides, [s]: step.next }, network: next };
  };

  /** The next state, or undefined when the action is not possible here. */
  const apply = (state: State, action: Action): State | undefined => {
    if (action.kind === 'side') {
      const step = stepSide(action.side, state.sides[action.side], action.event);
      return step && carry(state, action.side, step, state.network);
    }
    const { packet } = action;
    if (action.kind === 'forge') return { ...state, network: forged(state.network, packet) };
    const wanted = JSON.stringify(packet);
    const at = state.network.packets.findIndex((p) => JSON.stringify(p) === wanted);
    if (at < 0) return undefined;
    if (action.kind === 'lose') return { ...state, network: lost(state.network, at) };
    const rest = action.kind === 'duplicate' ? duplicated(state.network) : arrived(state.network, at);
    const step = arrival(packet.side, state.sides[packet.side], packet);
    return step ? carry(state, packet.side, step, rest) : { ...state, network: rest };
  };

  const initial: State = { sides: { A: start('A'), B: start('B') }, network: EMPTY };
  return { initial, actions, apply, side, where, moving, needOf, envelopes, eventsOf, stepSide, arrival, forgeries };
};

export type System = ReturnType<typeof systemOf>;
