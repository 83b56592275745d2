// Owns the judgement whether the cursors of a QP in an image are where its queues can have left them. Chapter 60.

import type { SendWqeData } from '../qp/capture-core.ts';
import { messagePackets } from '../qp/message-packet.ts';
import type { RcData } from '../rc/capture.ts';
import { isAnswered, psnCountOf, travelOf } from '../rc/request-packet.ts';
import type { UcData } from '../uc/capture.ts';
import type { UdData } from '../ud/capture.ts';
import { psn, psnAdd, psnDistance } from '../wire/psn.ts';
import { ackTimeoutNs, RNR_TIMERS_US } from '../wire/timer-code.ts';
import type { Place } from './place.ts';

/** Half the PSN space. */
const MAX_SPAN = 2 ** 23;

/** Indexes grow for ever, and count exactly far beyond any life of a queue. */
const MAX_INDEX = 2 ** 48;

/** Nanoseconds of the longest timers. */
const MAX_ACK_TIMER = ackTimeoutNs(31) ?? 0;
const MAX_RNR_TIMER = Math.max(...RNR_TIMERS_US) * 1000;

type Queue = RcData['sq'];

const checkIndexes = (place: Place, { head, begun, tail, wqes }: Queue): void => {
  if (tail > begun || begun > head) place.refuse(`${tail}, ${begun}, ${head} do not ascend`, 'IMG-26');
  if (head > MAX_INDEX) place.refuseAt('head', `index ${head}`, 'IMG-26');
  if (head - tail !== wqes.length) place.refuseAt('wqes', `${wqes.length} entries from ${tail} to ${head}`, 'IMG-26');
};

/** Refuses PSNs of a send of which nothing has been sent. */
const checkUnbegun = (place: Place, { psnCount, failure }: SendWqeData): void => {
  if (psnCount !== 0) place.refuseAt('psnCount', `${psnCount} PSNs of a request that was not begun`, 'IMG-26');
  if (failure !== undefined) place.refuseAt('failure', `${failure} of a request that was not begun`, 'IMG-26');
};

/** What the sends that are begun say together. */
type Begun = {
  /** First PSN of the first one, and the PSN behind the last one; undefined: none has PSNs. */
  first: number | undefined;
  end: number;
  /** READs and atomics. */
  answered: number;
  /** The last of them that has PSNs. */
  last: SendWqeData | undefined;
};

/** The failures that a send can wait with. */
const LOCAL_FAILURES: readonly (string | undefined)[] = [undefined, 'LOC_PROT_ERR', 'LOC_QP_OP_ERR'];

const checkBegun = (place: Place, wqe: SendWqeData, mtu: number, isLast: boolean, begun: Begun): void => {
  const travel = travelOf(wqe.opcode);
  const count = psnCountOf(travel, wqe.length, mtu);
  if (travel.kind === 'LOCAL') place.refuseAt('opcode', `${wqe.opcode} is done as soon as it is begun`, 'IMG-26');
  if (!LOCAL_FAILURES.includes(wqe.failure)) place.refuseAt('failure', `${wqe.failure} is no local error`, 'IMG-26');
  if (wqe.psnCount === 0 && wqe.failure !== undefined && isLast) return;
  if (wqe.psnCount !== count) {
    place.refuseAt('psnCount', `${wqe.psnCount} PSNs, ${wqe.length} bytes occupy ${count}`, 'IMG-26');
  }
  if (begun.first !== undefined && wqe.firstPsn !== begun.end) {
    place.refuseAt('firstPsn', `PSN ${wqe.firstPsn} behind PSNs up to ${begun.end}`, 'IMG-26');
  }
  begun.first ??= wqe.firstPsn;
  begun.end = psnAdd(wqe.firstPsn, count);
  begun.last = wqe;
  if (travel.answered) begun.answered++;
};

const checkSendQueue = (place: Place, { sq, attributes }: RcData): Begun => {
  const begun: Begun = { first: undefined, end: 0, answered: 0, last: undefined };
  const count = sq.begun - sq.tail;
  place.each('wqes', sq.wqes, (wqe, i) => {
    if (i < count) checkBegun(place, wqe, attributes.pathMtu, i + 1 === count, begun);
    else checkUnbegun(place, wqe);
  });
  return begun;
};

const span = (from: number, to: number): number => psnAdd(psn(to), -from);

/** Where `una` and `nextPsn` can be: in the first and the last send that is begun, and not half the space apart. */
const checkWindow = (place: Place, { state, sq, requester, completer }: RcData, begun: Begun): void => {
  const { una } = completer;
  const { psn: at, nextPsn } = requester;
  const sent = span(una, nextPsn);
  if (sent > MAX_SPAN) place.refuseAt('completer.una', `${sent} PSNs up to PSN ${nextPsn}`, 'IMG-27');
  if (span(una, at) > sent) place.refuseAt('requester.psn', `PSN ${at} is not between ${una} and ${nextPsn}`, 'IMG-27');
  if (state === 'ERR') return;
  const [first] = sq.wqes;
  if (begun.first === undefined || first === undefined || begun.last === undefined) {
    if (una !== nextPsn)
      place.refuseAt('completer.una', `PSN ${una} is not acknowledged, and belongs to no request`, 'IMG-27');
    return;
  }
  const inFirst = span(begun.first, una);
  if (inFirst >= first.psnCount) place.refuseAt('completer.una', `PSN ${una} is not in the oldest request`, 'IMG-27');
  const inLast = span(begun.last.firstPsn, nextPsn);
  const whole = inLast === begun.last.psnCount;
  if (inLast > begun.last.psnCount || (!whole && inLast > 0 && isAnswered(begun.last.opcode))) {
    place.refuseAt('requester.nextPsn', `PSN ${nextPsn} is not in the request begun last`, 'IMG-27');
  }
};

/** PSNs of the READs before the cursor that are response packets, not request packets. */
const slackOf = ({ sq, requester, completer }: RcData): number => {
  let slack = 0;
  for (let i = 0; i < requester.cursor - sq.tail; i++) {
    const wqe = sq.wqes[i];
    if (wqe === undefined || wqe.psnCount < 2 || !isAnswered(wqe.opcode)) continue;
    const answered = Math.max(0, psnDistance(psn(completer.una), wqe.firstPsn));
    slack += wqe.psnCount - answered - 1;
  }
  return slack;
};

const checkCursor = (place: Place, data: RcData): void => {
  const { state, sq, requester } = data;
  const { cursor, packet, psn: at, nextPsn } = requester;
  if (cursor < sq.tail || cursor > sq.begun) {
    place.refuseAt('cursor', `${sq.tail}, ${cursor}, ${sq.begun} do not ascend`, 'IMG-27');
  }
  if (state === 'ERR' && packet === 0) return;
  const wqe = cursor < sq.begun ? sq.wqes[cursor - sq.tail] : undefined;
  const [count, here] =
    wqe === undefined || wqe.psnCount === 0 ? [1, nextPsn] : [wqe.psnCount, psnAdd(wqe.firstPsn, packet)];
  if (packet >= count || (wqe === undefined && packet > 0)) {
    place.refuseAt('packet', `packet ${packet} of ${wqe === undefined ? 0 : count}`, 'IMG-27');
  }
  if (at !== here) place.refuseAt('psn', `PSN ${at}, the cursor is at ${here}`, 'IMG-27');
};

const checkCounts = (place: Place, data: RcData, answered: number): void => {
  const { requester } = data;
  if (requester.rdAtomic !== answered) {
    place.refuseAt('rdAtomic', `${requester.rdAtomic}, but ${answered} READs and atomics are begun`, 'IMG-27');
  }
  const slack = slackOf(data);
  if (requester.readSlack !== slack) {
    place.refuseAt('readSlack', `${requester.readSlack}, but READs have ${slack} answers to come`, 'IMG-27');
  }
};

const checkRetries = (place: Place, { sq, requester, completer, attributes, migration }: RcData): void => {
  const { una, retryCnt, rnrRetry, ackTimer, rnrTimer } = completer;
  if (retryCnt > attributes.retryCnt)
    place.refuseAt('retryCnt', `${retryCnt} left of ${attributes.retryCnt}`, 'IMG-27');
  if (rnrRetry > attributes.rnrRetry)
    place.refuseAt('rnrRetry', `${rnrRetry} left of ${attributes.rnrRetry}`, 'IMG-27');
  const waits = sq.begun > sq.tail;
  if (ackTimer !== null && (!waits || una === requester.psn || rnrTimer !== null || migration.peerPaused)) {
    place.refuseAt('ackTimer', 'the timer runs, and nothing is to be acknowledged', 'IMG-27');
  }
  if ((ackTimer ?? 0) > MAX_ACK_TIMER) place.refuseAt('ackTimer', `${ackTimer} ns`, 'IMG-27');
  if (rnrTimer !== null && !waits) place.refuseAt('rnrTimer', 'the timer runs, and nothing waits', 'IMG-27');
  if ((rnrTimer ?? 0) > MAX_RNR_TIMER) place.refuseAt('rnrTimer', `${rnrTimer} ns`, 'IMG-27');
};

//= IMG-26, IMG-27
/** Refuses an RC QP whose queue, PSNs, cursor and timers do not belong together. `place` is that of the data. */
export const checkRcCursors = (place: Place, data: RcData): void => {
  place.enter('sq');
  checkIndexes(place, data.sq);
  const begun = checkSendQueue(place, data);
  place.leave();
  checkWindow(place, data, begun);
  place.enter('requester');
  checkCursor(place, data);
  checkCounts(place, data, begun.answered);
  place.leave();
  place.enter('completer');
  checkRetries(place, data);
  place.leave();
  const timer = data.resuming?.timer ?? 0;
  if (timer > MAX_ACK_TIMER) place.refuseAt('resuming', `${timer} ns`, 'IMG-27');
};

//= IMG-26, IMG-27
/** Refuses a UC or UD QP whose queue and sender do not belong together: at most the oldest send is begun. */
export const checkSenderCursors = (place: Place, { type, sq, sender, attributes }: UcData | UdData): void => {
  place.enter('sq');
  checkIndexes(place, sq);
  const count = sq.begun - sq.tail;
  if (count > (type === 'UC' ? 1 : 0)) place.refuseAt('begun', `${count} requests begun`, 'IMG-26');
  place.each('wqes', sq.wqes, (wqe, i) => {
    if (i >= count) {
      checkUnbegun(place, wqe);
      return;
    }
    const packets = messagePackets(wqe.length, attributes.pathMtu);
    if (wqe.psnCount !== packets) place.refuseAt('psnCount', `${wqe.psnCount} PSNs of ${packets}`, 'IMG-26');
    if (wqe.failure !== undefined) place.refuseAt('failure', `${wqe.failure} is not kept`, 'IMG-26');
    const at = psnAdd(wqe.firstPsn, sender.packet);
    if (sender.packet >= packets || at !== sender.nextPsn) {
      place.refuse(`packet ${sender.packet} of ${packets}, PSN ${sender.nextPsn}`, 'IMG-27');
    }
  });
  place.leave();
  if (sender.packet > MAX_SPAN) place.refuseAt('sender', `packet ${sender.packet}`, 'IMG-27');
};
