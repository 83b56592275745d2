import { aborted, type CoordinatorVector, LATER, noSource, unstop } from './coordinator-vector.ts';

/** Chapter 50, part B: between the intent and the dump. */
export const INTENT_VECTORS: readonly CoordinatorVector[] = [
  {
    rule: 'MIG-30',
    says: 'the intent stands before the source has heard of it',
    move: 'IDLE',
    context: { elsewhere: 'work' },
    event: 'stop',
    sees: LATER,
    changes: { move: 'INTENDED' },
  },
  ...[{ peerCapable: false }, { later: true, peerCapable: false }].map(
    (sees) =>
      ({ rule: 'MIG-30', says: 'no intent towards a stock endpoint', move: 'IDLE', event: 'stop', sees }) as const,
  ),
  {
    rule: 'MIG-30',
    says: 'nor without a target, later or not',
    move: 'IDLE',
    context: { hop: 2 },
    event: 'stop',
    sees: LATER,
  },
  {
    rule: 'MIG-30',
    says: 'who hears of the intent stops',
    move: 'INTENDED',
    context: { elsewhere: 'work' },
    event: 'halt',
    changes: { move: 'STOPPED', context: { elsewhere: 'nothing' } },
    orders: [{ on: 'source', event: { type: 'stop', epoch: 4 } }],
  },
  { rule: 'MIG-46', says: 'who is gone stops nothing', move: 'INTENDED', event: 'halt', sees: noSource },
  {
    rule: 'MIG-34',
    says: 'an intent is given up before its stop, and the source has not heard of it',
    move: 'INTENDED',
    event: 'abort',
    sees: LATER,
    changes: { ...aborted, move: 'DECIDED' },
  },
  { rule: 'MIG-34', says: 'not where the source is gone', move: 'INTENDED', event: 'abort', sees: noSource },
  {
    rule: 'MIG-35',
    says: 'a coordinator may crash then',
    move: 'INTENDED',
    event: 'crash',
    changes: { move: 'CRASHED' },
  },
  ...(['INTENDED', 'STOPPED'] as const).flatMap((move): readonly CoordinatorVector[] => [
    {
      rule: 'MIG-46',
      says: `an end whose source dies in ${move} is lost`,
      move,
      event: 'declareDead',
      sees: { ...noSource, dumped: false },
      changes: { move: 'DEAD' },
    },
    { rule: 'MIG-46', says: `not while an image is left, in ${move}`, move, event: 'declareDead', sees: noSource },
    { rule: 'MIG-46', says: `nor a copy, in ${move}`, move, event: 'declareDead', sees: { dumped: false } },
  ]),
  { rule: 'MIG-31', says: 'what is gone is not dumped', move: 'STOPPED', event: 'dump', sees: noSource },
  {
    rule: 'MIG-34',
    says: 'a move back to where the container is goes with the one that was given up',
    move: 'STOPPED',
    context: { route: [0, 2, 0, 3] },
    event: 'abort',
    changes: { move: 'IDLE', context: { epoch: 5, route: [0, 3] } },
    orders: [unstop],
  },
];
