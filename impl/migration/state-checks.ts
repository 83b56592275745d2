// Owns the judgement whether a QP in an image is in a state that it can be in. Chapter 60.
import { messagePackets } from '../qp/message-packet.ts';
import { ABILITIES, type QpState } from '../qp/state.ts';
import type { RcData } from '../rc/capture.ts';
import { checkRcCursors, checkSenderCursors } from './cursor-checks.ts';
import type { ImageObjects } from './image.ts';
import { checkReceives } from './object-checks.ts';
import type { Place } from './place.ts';
import type { QpImage } from './qp-shape.ts';
import { checkSend } from './work-checks.ts';

/** Longest message, bytes. */
const MAX_MESSAGE = 2 ** 31;

/** Where a send queue holds work that has not completed. */
const HOLDS_SENDS: ReadonlySet<QpState> = new Set(['RTS', 'SQD']);
/** Where receives wait. */
const HOLDS_RECEIVES: ReadonlySet<QpState> = new Set(['INIT', 'RTR', 'RTS', 'SQD', 'SQE']);

const isTaking = (state: QpState): boolean => ABILITIES[state].processRequests;

/** Refuses what a QP in this state does not have, whatever its type. */
const checkState = (place: Place, { type, state, migration, draining, sq, rq, held }: QpImage['data']): void => {
  const refuse = (step: string, what: string) => place.refuseAt(step, `${what} in ${state}`, 'IMG-25');
  if (type === 'RC' && state === 'SQE') refuse('state', 'an RC QP');
  if (sq.wqes.length > 0 && !HOLDS_SENDS.has(state)) refuse('sq', 'sends');
  if (rq.length > 0 && !HOLDS_RECEIVES.has(state)) refuse('rq', 'receives');
  if (held !== null && !isTaking(state)) refuse('held', 'a receive');
  if (migration.peerPaused && (type !== 'RC' || !isTaking(state)))
    refuse('migration', `a ${type} QP with a paused peer`);
  const drained = sq.begun === sq.tail ? 'DRAINED' : 'DRAINING';
  if (draining !== (state === 'SQD' ? drained : 'NO'))
    refuse('draining', `${draining}, with ${sq.begun - sq.tail} begun,`);
};

const checkResources = (place: Place, { responder, attributes }: RcData): void =>
  place.each('resources', responder.resources, (each) => {
    if (each.kind !== 'READ') return;
    const count = messagePackets(each.length, attributes.pathMtu);
    if (each.length > MAX_MESSAGE) place.refuseAt('length', `${each.length} bytes`, 'IMG-25');
    if (each.psnCount !== count) place.refuseAt('psnCount', `${each.psnCount} PSNs of ${count}`, 'IMG-25');
  });

/** Refuses a message that cannot be arriving. */
const checkArriving = (
  place: Place,
  { type, state, held, responder }: Exclude<QpImage['data'], { type: 'UD' }>,
): void => {
  const { arriving, received } = responder;
  const longest = arriving.kind === 'NONE' ? 0 : arriving.kind === 'WRITE' ? arriving.length : MAX_MESSAGE;
  if (longest > MAX_MESSAGE) place.refuseAt('arriving', `${longest} bytes`, 'IMG-25');
  if (received > longest) place.refuseAt('received', `${received} bytes of ${longest}`, 'IMG-25');
  if (type !== 'RC' || arriving.kind === 'NONE') return;
  if (!isTaking(state)) place.refuseAt('arriving', `a message in ${state}`, 'IMG-25');
  if (arriving.kind === 'SEND' && held === null) place.refuseAt('arriving', 'a SEND without its receive', 'IMG-25');
};

const checkRc = (place: Place, data: RcData): void => {
  const { state, completer, resuming } = data;
  if (resuming !== null && !isTaking(state)) place.refuseAt('resuming', `a resume in ${state}`, 'IMG-25');
  const timed = completer.ackTimer !== null || completer.rnrTimer !== null;
  if (timed && !HOLDS_SENDS.has(state)) place.refuseAt('completer', `a timer in ${state}`, 'IMG-25');
  checkRcCursors(place, data);
  place.enter('responder');
  checkResources(place, data);
  place.leave();
};

type Srqs = ReadonlyMap<number, ImageObjects['srqs'][number]>;

const checkQp = (place: Place, { cap, sqSigAll, srq, data }: QpImage, srqs: Srqs): void => {
  const { type, sq, rq, held } = data;
  const maxRecvSge = srq === undefined ? cap.maxRecvSge : (srqs.get(srq)?.maxSge ?? 0);
  place.enter('data');
  checkState(place, data);
  place.enter('sq');
  const poster = { type, cap, sqSigAll };
  place.each('wqes', sq.wqes, (wqe) => checkSend(place, wqe, poster));
  place.leave();
  checkReceives(place, 'rq', rq, cap.maxRecvSge);
  if (held !== null) checkReceives(place, 'held', [held], maxRecvSge);
  if (type !== 'UD') {
    place.enter('responder');
    checkArriving(place, data);
    place.leave();
  }
  if (type === 'RC') checkRc(place, data);
  else checkSenderCursors(place, data);
  place.leave();
};

//= IMG-24, IMG-25
/** Refuses QPs with work, messages or timers that their state does not have, or that do not belong together. */
export const checkStates = (place: Place, { qps, srqs }: ImageObjects): void => {
  const byHandle: Srqs = new Map(srqs.map((srq) => [srq.handle, srq]));
  place.each('qps', qps, (qp) => checkQp(place, qp, byHandle));
};
