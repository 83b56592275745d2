/** Where an implementation's QP and the model's do not stand at the same place. */
import type { QpContext } from '../../model/context.ts';
import type { Copy } from '../../model/protocol.ts';
import { completedWork } from '../../model/requester.ts';
import { comparable, isSilent, type Seen } from './alpha.ts';
import type { Shadow } from './shadow.ts';

const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

const NONE: readonly string[] = [];

const haveSameResources = ({ resources: ours }: QpContext, { resources: theirs }: QpContext): boolean => {
  if (ours.length !== theirs.length) return false;
  for (let k = 0; k < ours.length; k += 1) {
    const [one, other] = [ours[k], theirs[k]];
    if (one?.first !== other?.first || one?.psns !== other?.psns) return false;
  }
  return true;
};

const haveReceivedSame = (ours: QpContext, theirs: QpContext): boolean =>
  ours.expected === theirs.expected &&
  ours.nakSent === theirs.nakSent &&
  ours.inProgress === theirs.inProgress &&
  ours.receives === theirs.receives &&
  ours.host === theirs.host &&
  ours.peerHost === theirs.peerHost &&
  ours.qpType === theirs.qpType &&
  ours.ackLost === theirs.ackLost &&
  ours.spared === theirs.spared &&
  ours.asked.length + theirs.asked.length === 0 &&
  ours.ghost.executed === theirs.ghost.executed &&
  ours.ghost.broke === theirs.ghost.broke &&
  haveSameResources(ours, theirs);

const haveSentSame = (ours: QpContext, theirs: QpContext): boolean =>
  ours.una === theirs.una &&
  ours.sent === theirs.sent &&
  ours.retries === theirs.retries &&
  ours.rnrRetries === theirs.rnrRetries &&
  ours.rnrWait === theirs.rnrWait;

/** Whether what is comparable of two copies is the same: as mostly it is, seen without making anything. */
export const isSame = ({ value: a, context: ours }: Copy, { value: b, context: theirs }: Copy): boolean => {
  if (a.verbs !== b.verbs || a.self !== b.self) return false;
  if (a.verbs === 'INIT') return ours.receives === theirs.receives;
  if (a.peer !== b.peer) return false;
  if (a.verbs === 'ERR' || a.verbs === 'RESET') return true;
  if (!haveReceivedSame(ours, theirs)) return false;
  return a.verbs === 'RTR' || (haveSentSame(ours, theirs) && (isSilent(a) || ours.nxt === theirs.nxt));
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
