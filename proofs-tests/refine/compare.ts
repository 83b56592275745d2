/** Where an implementation's QP and the model's do not stand at the same place. */
import type { Copy } from '../../model/protocol.ts';
import { completedWork } from '../../model/requester.ts';
import { comparable, type Seen } from './alpha.ts';
import type { Shadow } from './shadow.ts';

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

const CURSORS = ['una', 'sent', 'retries', 'rnrRetries', 'rnrWait'] as const;
const RECEIVED = ['expected', 'nakSent', 'inProgress', 'receives', 'host', 'peerHost', 'qpType', 'ackLost'] as const;

const NONE: readonly string[] = [];

/** Whether two running QPs stand at the same place: what mostly is so, seen without making anything. */
const isSame = (a: Copy, b: Copy): boolean => {
  const [ours, theirs] = [a.context, b.context];
  if (a.value.verbs !== b.value.verbs || a.value.self !== b.value.self || a.value.peer !== b.value.peer) return false;
  if (a.value.verbs !== 'RTS' && a.value.verbs !== 'SQD') return false;
  if (ours.nxt !== theirs.nxt || ours.ghost.executed !== theirs.ghost.executed || theirs.ghost.broke !== '')
    return false;
  for (const name of CURSORS) if (ours[name] !== theirs[name]) return false;
  for (const name of RECEIVED) if (ours[name] !== theirs[name]) return false;
  if (ours.resources.length !== theirs.resources.length) return false;
  return ours.resources.every(({ first, psns }, k) => {
    const other = theirs.resources[k];
    return other?.first === first && other.psns === psns;
  });
};

/** Fields in which they differ, in words. */
export const differences = (implementation: Copy, model: Copy): readonly string[] => {
  if (isSame(implementation, model)) return NONE;
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
