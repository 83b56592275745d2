import type { QpContext } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import type { Vector } from './vector.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

const on = (una: number, nxt: number, more: Partial<QpContext> = {}): Partial<QpContext> => ({
  una,
  nxt,
  sent: nxt,
  ...more,
});
const write = (part: Request['part'], psn: number, ackReq: boolean): Request => ({
  type: 'rx.request',
  psn,
  op: 'WRITE',
  part,
  psns: 1,
  ackReq,
  message: 1,
});
const first: Request = { type: 'rx.request', psn: 0, op: 'SEND', part: 'only', psns: 1, ackReq: true, message: 0 };
const transmit = { type: 'transmit' } as const;
const ackTimeout = { type: 'ackTimeout' } as const;
const PAUSED = { peer: 'PAUSED' } as const;
const SQD = { verbs: 'SQD' } as const;
const ERR = { value: { verbs: 'ERR' } } as const;

const sending: readonly Vector[] = [
  {
    rule: 'RC-1',
    says: 'the first WQE takes the first PSN',
    event: transmit,
    changes: { context: { nxt: 1, sent: 1 } },
    sends: [first],
  },
  {
    rule: 'RC-1',
    says: 'the next packet takes the next PSN',
    context: on(1, 2),
    event: transmit,
    changes: { context: { nxt: 3, sent: 3 } },
    sends: [write('middle', 2, false)],
  },
  {
    rule: 'RC-4',
    says: 'a retransmission is the same packet and asks for an answer',
    context: on(1, 1, { sent: 3 }),
    event: transmit,
    changes: { context: { nxt: 2 } },
    sends: [write('first', 1, true)],
  },
  { rule: 'RC-7', says: 'a full window sends nothing', context: on(0, 4), event: transmit },
  { rule: 'RC-8', says: 'an atomic waits for the READ before it', context: on(4, 6), event: transmit },
  {
    rule: 'RC-42',
    says: 'nothing is sent while the RNR timer runs',
    context: on(0, 0, { rnrWait: 1 }),
    event: transmit,
  },
  { rule: 'MIG-6', says: 'a PAUSED QP sends nothing', value: PAUSED, event: transmit },
  { rule: 'MIG-3', says: 'a STOPPED QP sends nothing', value: { self: 'STOPPED' }, event: transmit },
  {
    rule: 'QP-37',
    says: 'a queue that drains is not taken back to RTS',
    value: SQD,
    context: on(1, 2),
    event: { type: 'modify.rts' },
  },
  {
    rule: 'QP-6',
    says: 'a queue that has drained is',
    value: SQD,
    context: on(1, 1),
    event: { type: 'modify.rts' },
    changes: { value: { verbs: 'RTS' } },
  },
  {
    rule: 'QP-35',
    says: 'SQD goes on with what it has begun',
    value: SQD,
    context: on(1, 2),
    event: transmit,
    changes: { context: { nxt: 3, sent: 3 } },
    sends: [write('middle', 2, false)],
  },
  {
    rule: 'QP-35',
    says: 'SQD sends again what it has sent',
    value: SQD,
    context: on(1, 1, { sent: 2 }),
    event: transmit,
    changes: { context: { nxt: 2 } },
    sends: [write('first', 1, true)],
  },
  ...(['RTR', 'SQE', 'ERR'] as const).map((verbs) => ({
    rule: 'QP-34',
    says: `${verbs} does not go on with what was begun`,
    value: { verbs },
    context: on(1, 2),
    event: transmit,
  })),
  { rule: 'QP-35', says: 'SQD begins nothing', value: SQD, context: on(1, 1), event: transmit },
  {
    rule: 'RC-7',
    says: 'a full window sends nothing in SQD',
    value: SQD,
    context: on(0, 4, { sent: 6 }),
    event: transmit,
  },
  { rule: 'RC-8', says: 'an atomic waits in SQD too', value: SQD, context: on(4, 6, { sent: 7 }), event: transmit },
  {
    rule: 'RC-42',
    says: 'nor does SQD while the RNR timer runs',
    value: SQD,
    context: on(1, 2, { rnrWait: 1 }),
    event: transmit,
  },
  {
    rule: 'MIG-6',
    says: 'nor does SQD while PAUSED',
    value: { ...SQD, ...PAUSED },
    context: on(1, 2),
    event: transmit,
  },
];

const timers: readonly Vector[] = [
  {
    rule: 'RC-4',
    says: 'a timeout starts again at una and costs a retry',
    context: on(1, 3),
    event: ackTimeout,
    changes: { context: { nxt: 1, retries: 1 } },
  },
  { rule: 'RC-40', says: 'no timer runs with nothing unanswered', context: on(1, 1, { sent: 3 }), event: ackTimeout },
  {
    rule: 'RC-31',
    says: 'a spent budget ends in ERR',
    context: on(0, 2, { retries: 2 }),
    event: ackTimeout,
    changes: ERR,
  },
  { rule: 'RC-31', says: 'nothing unanswered spends nothing', context: on(1, 1, { retries: 2 }), event: ackTimeout },
  {
    rule: 'RC-42',
    says: 'no ACK timer beside the RNR timer',
    context: on(0, 2, { rnrWait: 1, retries: 2 }),
    event: ackTimeout,
  },
  {
    rule: 'MIG-7',
    says: 'an RNR wait lasts through a pause',
    value: PAUSED,
    context: on(0, 0, { rnrWait: 1 }),
    event: { type: 'rnrTimeout' },
  },
  {
    rule: 'RC-42',
    says: 'the RNR wait ends',
    context: on(0, 0, { rnrWait: 1 }),
    event: { type: 'rnrTimeout' },
    changes: { context: { rnrWait: 0 } },
  },
];

/** Chapter 30, requester, sentence by sentence. */
export const REQUESTER_VECTORS: readonly Vector[] = [...sending, ...timers];
