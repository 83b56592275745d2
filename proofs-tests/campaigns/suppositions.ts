/** What a run supposes that the published protocol does not survive: each is a hole that a scenario of the model shows. */
import type { PropertyId } from '../../model/properties.ts';
import type { Run } from './run.ts';

export type Supposition = {
  /** The scenario in which `godwit check tardis` finds the same. */
  readonly scenario: string;
  readonly falls: readonly PropertyId[];
};

type Hole = Supposition & { readonly isIn: (run: Run) => boolean };

const TRAP = ['REC-1', 'LIVE-1'] as const;
const LOST = ['SAFE-9', ...TRAP] as const;

const forges = (run: Run): boolean => run.deeds?.some(({ does }) => does === 'forge') ?? false;

/** Whether work can fail though nobody migrates: budgets that end, memory that is not there, a consumer that gives up. */
export const failsByItself = (run: Run): boolean => {
  const { retryCnt, rnrRetry, deeds = [], sends, moves } = run;
  const isBad = [...sends.A.messages, ...sends.B.messages].some((list) => list.some(({ bad }) => bad !== undefined));
  const hostFails = moves.some(({ oldCopyGoes, fate, reuse }) => oldCopyGoes === 'dark' || fate !== undefined || reuse);
  return retryCnt < 7 || rnrRetry < 7 || deeds.length > 0 || isBad || hostFails;
};

const twice = (run: Run, of: 'one side' | 'both sides'): boolean =>
  run.moves.some(({ side, settled, during }, k) => {
    const before = run.moves.slice(0, k);
    const unsettled = during === true || settled !== undefined;
    return unsettled && before.some((other) => (other.side === side) === (of === 'one side'));
  });

export const HOLES: readonly Hole[] = [
  { scenario: 'both-ends-migrate-at-once', falls: TRAP, isIn: (run) => twice(run, 'both sides') },
  { scenario: 'both-ends-migrate-and-one-moves-on', falls: LOST, isIn: (run) => twice(run, 'both sides') },
  { scenario: 'both-old-hosts-go-dark', falls: ['SAFE-7', ...TRAP], isIn: (run) => twice(run, 'both sides') },
  { scenario: 'a-second-migration-before-the-first-is-known', falls: LOST, isIn: (run) => twice(run, 'one side') },
  {
    scenario: 'two-moves-and-an-old-host-goes-dark',
    falls: ['SAFE-7', ...LOST],
    isIn: (run) => twice(run, 'one side'),
  },
  { scenario: 'there-and-back-again', falls: LOST, isIn: ({ moves }) => moves.some(({ back }) => back === true) },
  { scenario: 'control-messages-are-forged', falls: LOST, isIn: forges },
  {
    scenario: 'a-stranger-gets-the-old-qpn',
    falls: ['SAFE-1', 'SAFE-9'],
    isIn: ({ moves }) => moves.some(({ reuse }) => reuse === true),
  },
  {
    scenario: 'the-migration-is-aborted',
    falls: TRAP,
    isIn: ({ moves }) => moves.some(({ fate, back }) => fate?.startsWith('given up') === true || back === true),
  },
  {
    scenario: 'the-target-dies-before-activation',
    falls: TRAP,
    isIn: ({ moves }) => moves.some(({ fate }) => fate === 'target dies before the resume'),
  },
  {
    scenario: 'the-target-dies-after-activation',
    falls: TRAP,
    isIn: ({ moves }) => moves.some(({ fate }) => fate === 'target dies after the resume'),
  },
  {
    scenario: 'the-old-host-goes-dark',
    falls: ['SAFE-7', ...TRAP],
    isIn: ({ moves }) => moves.some(({ oldCopyGoes }) => oldCopyGoes === 'dark'),
  },
  {
    scenario: 'the-peer-is-moved-to-err',
    falls: TRAP,
    isIn: (run) => run.moves.length > 0 && failsByItself(run),
  },
];

/** The holes that a run may fall into. */
export const suppositionsOf = (run: Run): readonly Supposition[] => HOLES.filter(({ isIn }) => isIn(run));
