/** Where an implementation's QP and the model's do not stand at the same place. */
import type { Copy } from '../../model/protocol.ts';
import { completedWork } from '../../model/requester.ts';
import { comparable, type Seen } from './alpha.ts';
import type { Shadow } from './shadow.ts';

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

/** Fields in which they differ, in words. */
export const differences = (implementation: Copy, model: Copy): readonly string[] => {
  const [ours, theirs] = [comparable(implementation), comparable(model)];
  const found: string[] = [];
  for (const name of Object.keys(ours.verbs === theirs.verbs ? ours : { ...ours, ...theirs })) {
    if (!isEqual(ours[name], theirs[name]))
      found.push(`${name}: ${JSON.stringify(ours[name])}, the model ${JSON.stringify(theirs[name])}`);
  }
  return found;
};

/** RC-40, MIG-7: whether the ACK timer has to run. */
const timerRuns = ({ value, context }: Copy): boolean =>
  value.self === 'RUNNING' && value.peer === 'REACHABLE' && context.una < context.nxt && context.rnrWait === 0;

/** What the model leaves to its guards, or to rules beside it. */
export const mistakeBeside = (seen: Seen, { copy, frame, nakHandled }: Shadow): string | undefined => {
  const { verbs, self } = copy.value;
  if (verbs === 'ERR' && seen.queued > 0) return `QP-38: ${seen.queued} work requests are not flushed`;
  if (verbs === 'RESET' && seen.queued > 0) return `QP-42: ${seen.queued} work requests are left`;
  if (verbs !== 'RTS' && verbs !== 'SQD') return undefined;
  const completed = completedWork(frame.sends.works, copy.context);
  if (seen.completed !== completed) return `RC-22: completed ${seen.completed}, the model ${completed}`;
  if (seen.nakHandled !== nakHandled) return `RC-39: nakHandled ${seen.nakHandled}, expected ${nakHandled}`;
  // A STOPPED QP keeps what its timer had left.
  if (self === 'STOPPED') return undefined;
  return seen.ackTimer === timerRuns(copy)
    ? undefined
    : `RC-40: the ACK timer ${seen.ackTimer ? 'runs' : 'does not run'}`;
};
