// Owns the judgement whether an object of an image is one that the verbs could have made. Chapter 60.
import { ACCESS, ALL_ACCESS, REMOTE_CHANGES } from '../memory/access.ts';
import { type AhAttr, ATTRIBUTES, type QpAttributes } from '../qp/attributes.ts';
import type { QpState, QpType } from '../qp/state.ts';
import { isQpn } from '../verbs/qp.ts';
import { recvMistake, WINDOW_ACCESS } from '../verbs/wr-check.ts';
import type { ImageObjects } from './image.ts';
import type { Place } from './place.ts';
import type { QpImage } from './qp-shape.ts';

const MAX_FLOW_LABEL = 0xfffff;

const checkPath = (place: Place, step: string, { flowLabel }: AhAttr): void => {
  if (flowLabel > MAX_FLOW_LABEL) place.refuseAt(step, `flow label ${flowLabel}`, 'IMG-23');
};

const checkMr = (place: Place, { addr, length, access }: ImageObjects['mrs'][number]): void => {
  if (!Number.isSafeInteger(addr + length)) place.refuseAt('addr', `${length} bytes from ${addr}`, 'IMG-23');
  const needsLocal = (access & REMOTE_CHANGES) !== 0 && (access & ACCESS.LOCAL_WRITE) === 0;
  if ((access & ~ALL_ACCESS) !== 0 || needsLocal) place.refuseAt('access', `access ${access}`, 'IMG-23');
};

const checkMw = (place: Place, { binding }: ImageObjects['mws'][number]): void => {
  if (binding === undefined) return;
  const { length, access } = binding;
  if (length === 0) place.refuseAt('binding', 'a window of no bytes', 'IMG-23');
  if ((access & ~WINDOW_ACCESS) !== 0) place.refuseAt('binding', `access ${access}`, 'IMG-23');
};

const checkSrq = (place: Place, { maxWr, maxSge, limit, receives }: ImageObjects['srqs'][number]): void => {
  if (maxWr === 0) place.refuseAt('maxWr', 'a queue for nothing', 'IMG-23');
  if (limit > maxWr) place.refuseAt('limit', `${limit} of ${maxWr}`, 'IMG-23');
  checkReceives(place, 'receives', receives, maxSge);
};

//= IMG-24
/** Refuses receives that posting would have refused. */
export const checkReceives = (
  place: Place,
  step: string,
  receives: ImageObjects['srqs'][number]['receives'],
  maxSge: number,
): void =>
  place.each(step, receives, (receive) => {
    const mistake = recvMistake(receive, maxSge);
    if (mistake !== undefined) place.refuse(mistake, 'IMG-24');
  });

type Ranged = keyof QpAttributes;

/** Attributes with a range narrower than their number. */
const RANGED = Object.values(ATTRIBUTES).flatMap(({ key, min, max }) =>
  min === undefined || max === undefined ? [] : [{ key: key as Ranged, min, max }],
);

const NEEDS_PATH: ReadonlySet<QpState> = new Set(['RTR', 'RTS', 'SQD', 'SQE']);

const checkAttributes = (place: Place, attributes: QpAttributes, state: QpState, type: QpType): void => {
  for (const { key, min, max } of RANGED) {
    const value = Number(attributes[key]);
    if (value < min || value > max) place.refuseAt(key, `${value} is not in ${min}..${max}`, 'IMG-23');
  }
  const { ahAttr, qpAccessFlags } = attributes;
  if ((qpAccessFlags & ~(type === 'UD' ? 0 : ALL_ACCESS)) !== 0) {
    place.refuseAt('qpAccessFlags', `access ${qpAccessFlags} of a ${type} QP`, 'IMG-23');
  }
  if (ahAttr !== undefined) checkPath(place, 'ahAttr', ahAttr);
  if (type === 'UD' && ahAttr !== undefined) place.refuseAt('ahAttr', 'a UD QP with one peer', 'IMG-23');
  if (type !== 'UD' && ahAttr === undefined && NEEDS_PATH.has(state)) {
    place.refuseAt('ahAttr', `a ${type} QP in ${state} without a peer`, 'IMG-23');
  }
};

const checkQp = (place: Place, { qpn, data }: QpImage): void => {
  if (!isQpn(qpn)) place.refuseAt('qpn', `${qpn} is no number of a QP`, 'IMG-23');
  place.enter('data');
  place.enter('attributes');
  checkAttributes(place, data.attributes, data.state, data.type);
  place.leave();
  place.leave();
};

//= IMG-23
/** Refuses objects that no verb makes: numbers, capacities, ranges and permissions. What a device lacks is not asked here. */
export const checkObjects = (place: Place, { cqs, srqs, mrs, mws, ahs, qps }: ImageObjects): void => {
  place.each('cqs', cqs, ({ cqe }) => {
    if (cqe === 0) place.refuseAt('cqe', 'a queue for nothing', 'IMG-23');
  });
  place.each('srqs', srqs, (srq) => checkSrq(place, srq));
  place.each('mrs', mrs, (mr) => checkMr(place, mr));
  place.each('mws', mws, (mw) => checkMw(place, mw));
  place.each('ahs', ahs, ({ attr }) => checkPath(place, 'attr', attr));
  place.each('qps', qps, (qp) => checkQp(place, qp));
};
