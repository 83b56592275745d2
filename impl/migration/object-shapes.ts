// Owns the shapes of the objects of an image other than queue pairs. Chapter 60.
import type { AsyncEvent } from '../qp/async-event.ts';
import { mapped, record } from './record-shape.ts';
import { boolean, list, natural, oneOf, optional, type Shape, u24, u32 } from './shape.ts';
import { ahAttrShape, recvWqeShape, wcShape } from './work-shapes.ts';

/** Objects name each other by handle. */
export const handleShape = u32;

export const pdShape = record('pd', { handle: handleShape });

/** A completion channel, with the CQs whose events nobody has taken, oldest first. */
export const channelShape = record('channel', { handle: handleShape, events: list(handleShape) });

export const cqShape = record('cq', {
  handle: handleShape,
  cqe: natural,
  channel: optional(handleShape),
  unacked: natural,
  arming: oneOf(['NONE', 'SOLICITED', 'NEXT'] as const),
  overrun: boolean,
  completions: list(wcShape),
});

export const srqShape = record('srq', {
  handle: handleShape,
  pd: handleShape,
  maxWr: natural,
  maxSge: natural,
  limit: natural,
  receives: list(recvWqeShape),
});

/** The bytes of a region stand in the memory of the image, regions in the order of the list; `present`: how many there were. */
export const mrShape = record('mr', {
  handle: handleShape,
  pd: handleShape,
  addr: natural,
  length: natural,
  access: u32,
  key: u32,
  present: natural,
});

export const mwShape = record('mw', {
  handle: handleShape,
  pd: handleShape,
  type: oneOf([1, 2] as const),
  key: u32,
  rkey: u32,
  binding: optional(
    record('binding', { mr: handleShape, addr: natural, length: natural, access: u32, qpn: optional(u24) }),
  ),
});

export const ahShape = record('ah', { handle: handleShape, pd: handleShape, attr: ahAttrShape });

const ABOUT_QPS = ['COMM_EST', 'SQ_DRAINED', 'QP_FATAL', 'QP_REQ_ERR', 'QP_ACCESS_ERR', 'LAST_WQE_REACHED'] as const;
const ABOUT_PORTS = ['PORT_ACTIVE', 'PORT_ERR'] as const;

/** An async event: its type, and the number or handle of what it is about. */
const eventRecord = record('event', {
  type: oneOf([...ABOUT_QPS, ...ABOUT_PORTS, 'SRQ_LIMIT_REACHED', 'CQ_ERR'] as const),
  about: natural,
});

const aboutOf = (event: AsyncEvent): number => {
  if ('qpNum' in event) return event.qpNum;
  if ('srq' in event) return event.srq;
  return 'cq' in event ? event.cq : event.port;
};

/** An async event that the consumer has not taken. */
export const eventShape: Shape<AsyncEvent> = mapped(
  eventRecord,
  (event) => ({ type: event.type, about: aboutOf(event) }),
  ({ type, about }): AsyncEvent => {
    switch (type) {
      case 'SRQ_LIMIT_REACHED':
        return { type, srq: about };
      case 'CQ_ERR':
        return { type, cq: about };
      case 'PORT_ACTIVE':
      case 'PORT_ERR':
        return { type, port: about };
      default:
        return { type, qpNum: about };
    }
  },
);
