import type { Host, Side } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { ATTACKER, SIDES } from '../../model/system.ts';

/** A column of a sequence: where a QP's copy lives or will live. */
export type Place = { readonly side: Side | 'nobody'; readonly host: Host; readonly name: string };

/** Source and targets of an end that migrates; hosts of its peer. */
const MOVER = ['S', 'T', 'U', 'V', 'W'];
const PEER = ['P', 'Q', 'R', 'O', 'N'];

const hostsOf = ({ sides }: Scenario, side: Side): readonly Host[] => [...new Set(sides[side].route)];

/** Columns from left to right; whoever migrates stands left, the attacker on the right where there is one. */
export const placesOf = (scenario: Scenario): readonly Place[] => {
  const onlyB = hostsOf(scenario, 'A').length === 1 && hostsOf(scenario, 'B').length > 1;
  const order = onlyB ? [...SIDES].reverse() : SIDES;
  const places = order.flatMap((side, k) =>
    hostsOf(scenario, side).map((host, hop) => ({
      side,
      host,
      name: (k === 0 ? MOVER : PEER)[hop] ?? `${side}${host}`,
    })),
  );
  return scenario.faults.forge > 0 ? [...places, { side: 'nobody', host: ATTACKER, name: 'X' }] : places;
};

/** Looks a place up by end and host; the attacker belongs to no end. */
export const placeFinder =
  (places: readonly Place[]) =>
  (side: Side, host: Host): number =>
    places.findIndex((place) => place.host === host && (place.side === side || host === ATTACKER));
