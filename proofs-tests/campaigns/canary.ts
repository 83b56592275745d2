/** A judge that finds fault with nothing: for the test that what a judge finds is shrunk, reported and written. */
import { type Judgement, type JudgeOptions, judge } from './judge.ts';
import type { Run } from './run.ts';

/** Condemns every run in which an end moved and a packet was lost. */
export const canary = (run: Run, options: JudgeOptions): Judgement => {
  const judgement = judge(run, options);
  const condemned = judgement.migrations > 0 && judgement.lost > 0;
  const violations = condemned ? [{ property: 'CANARY' as const, says: 'an end moved and a packet was lost' }] : [];
  return { ...judgement, violations };
};
