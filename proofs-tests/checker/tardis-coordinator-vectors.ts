import type { CoordinatorValue } from '../../model/coordinator.ts';
import { type CoordinatorVector, noTarget } from './coordinator-vector.ts';

const published = (move: CoordinatorValue['move']): readonly CoordinatorVector[] =>
  (['abort', 'crash'] as const).map((event) => ({
    rule: 'MIG-13',
    says: `${event} in ${move} leaves everything as it is`,
    move,
    event,
    changes: { move: 'ABORTED' },
  }));

/** Part A of chapter 50: no decision, no way back. */
export const TARDIS_COORDINATOR_VECTORS: readonly CoordinatorVector[] = [
  ...published('STOPPED'),
  ...published('DUMPED'),
  ...published('RESTORED'),
  {
    rule: 'MIG-14',
    says: 'a target that is gone is not resumed',
    move: 'RESTORED',
    event: 'resume',
    sees: noTarget,
  },
  {
    rule: 'MIG-21',
    says: 'an application goes on when its resume was answered',
    move: 'IDLE',
    context: { hop: 1, elsewhere: 'nothing' },
    event: 'goOn',
    changes: { context: { elsewhere: 'work' } },
  },
  {
    rule: 'MIG-21',
    says: 'and not before',
    move: 'IDLE',
    context: { hop: 1, elsewhere: 'nothing' },
    event: 'goOn',
    sees: { answered: false },
  },
];
