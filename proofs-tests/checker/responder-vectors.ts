import type { QpContext } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { VERBS_STATES } from '../../model/verbs.ts';
import { ELSEWHERE, PEER, type Vector } from './vector.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

const request = (psn: number, more: Partial<Request> = {}, from = PEER): Request & { readonly from: number } => ({
  type: 'rx.request',
  psn,
  op: 'SEND',
  part: 'only',
  psns: 1,
  ackReq: true,
  message: 0,
  ...more,
  from,
});
const ack = (psn: number) => ({ type: 'rx.ack', psn }) as const;
const response = (psn: number) => ({ type: 'rx.response', psn, message: 0 }) as const;
const ran = { executed: 1, broke: '' } as const;
const ERR = { verbs: 'ERR' } as const;
const quiet = { ackReq: false } as const;
const write = { op: 'WRITE' } as const;

const executing: readonly Vector[] = [
  {
    rule: 'RC-57',
    says: 'a request that asks for an ACK is executed and acknowledged',
    context: { nakSent: 1, ackLost: 1 },
    event: request(0),
    changes: { context: { expected: 1, receives: 3, nakSent: 0, ackLost: 0, ghost: ran } },
    sends: [ack(0)],
  },
  {
    rule: 'RC-50',
    says: 'a request that asks for none is executed in silence',
    event: request(0, quiet),
    changes: { context: { expected: 1, receives: 3, ghost: ran } },
  },
  {
    rule: 'RC-50',
    says: 'a READ takes the PSNs of its responses and is kept',
    context: { resources: [{ first: 9, psns: 1 }] },
    event: request(0, { op: 'READ', psns: 2 }),
    changes: { context: { expected: 2, resources: [{ first: 0, psns: 2 }], ghost: ran } },
    sends: [response(0), response(1)],
  },
  {
    rule: 'RC-50',
    says: 'the first packet of a WRITE begins it',
    event: request(0, { ...write, ...quiet, part: 'first' }),
    changes: { context: { expected: 1, inProgress: 'WRITE' } },
  },
  {
    rule: 'RC-60',
    says: 'a SEND without a receive is answered with RNR NAK once',
    context: { receives: 0 },
    event: request(0),
    changes: { context: { nakSent: 1 } },
    sends: [{ type: 'rx.rnrNak', psn: 0 }],
  },
  {
    rule: 'RC-60',
    says: 'a WRITE needs no receive',
    context: { receives: 0 },
    event: request(0, write),
    changes: { context: { expected: 1, ghost: ran } },
    sends: [ack(0)],
  },
  {
    rule: 'QP-11',
    says: 'a middle without its first ends in ERR',
    event: request(0, { ...write, part: 'middle' }),
    changes: { value: ERR },
    sends: [{ type: 'rx.nak', psn: 0, code: 'INVALID_REQUEST' }],
  },
  {
    rule: 'QP-11',
    says: 'a message within another ends in ERR, a receive or not',
    context: { inProgress: 'WRITE', receives: 0 },
    event: request(0),
    changes: { value: ERR },
    sends: [{ type: 'rx.nak', psn: 0, code: 'INVALID_REQUEST' }],
  },
];

const apart: readonly Vector[] = [
  {
    rule: 'RC-52',
    says: 'the first request ahead is answered with a sequence NAK',
    context: { expected: 1 },
    event: request(3),
    changes: { context: { nakSent: 1 } },
    sends: [{ type: 'rx.nak', psn: 1, code: 'SEQUENCE' }],
  },
  { rule: 'RC-52', says: 'later ones are not', context: { expected: 1, nakSent: 1 }, event: request(3) },
  {
    rule: 'RC-51',
    says: 'a broken sequence ahead is no error',
    context: { nakSent: 1 },
    event: request(3, { part: 'last' }),
  },
  { rule: 'RC-51', says: 'nor is a missing receive', context: { nakSent: 1, receives: 0 }, event: request(3) },
  { rule: 'RC-51', says: 'a READ ahead is not executed', context: { nakSent: 1 }, event: request(3, { op: 'READ' }) },
  { rule: 'RC-51', says: 'nor a SEND that asks for no ACK', context: { nakSent: 1 }, event: request(3, quiet) },
  {
    rule: 'RC-54',
    says: 'a duplicate is acknowledged up to ePSN - 1',
    context: { expected: 3 },
    event: request(1),
    sends: [ack(2)],
  },
  { rule: 'RC-54', says: 'one that asks for no ACK is not', context: { expected: 3 }, event: request(1, quiet) },
  { rule: 'RC-53', says: 'the midpoint is behind', event: request(8), sends: [ack(15)] },
  {
    rule: 'RC-55',
    says: 'a duplicate READ is answered again from what is kept',
    context: { expected: 3, resources: [{ first: 1, psns: 2 }] },
    event: request(1, { op: 'READ', psns: 2 }),
    sends: [response(1), response(2)],
  },
  {
    rule: 'RC-55',
    says: 'one that is no longer kept is not',
    context: { expected: 3 },
    event: request(1, { op: 'READ', psns: 2 }),
  },
  {
    rule: 'RC-55',
    says: 'a READ that was kept for other PSNs is not answered',
    context: { expected: 3, resources: [{ first: 2, psns: 1 }] },
    event: request(1, { op: 'READ', psns: 2 }),
  },
];

const BUSY: Partial<QpContext> = { expected: 2, resources: [{ first: 0, psns: 1 }] };

/** What a request from a host that is not the peer's does: nothing, whatever else would hold. */
const foreign: readonly Vector[] = [
  { context: {}, event: request(0) },
  { context: {}, event: request(0, quiet) },
  { context: {}, event: request(0, { op: 'READ' }) },
  { context: { receives: 0 }, event: request(0) },
  { context: {}, event: request(0, { part: 'last' }) },
  { context: {}, event: request(3) },
  { context: BUSY, event: request(1) },
  { context: BUSY, event: request(0, { op: 'READ' }) },
].map(({ context, event }) => ({
  rule: 'RC-80',
  says: `a request from elsewhere is nothing (${event.op} ${event.part}, PSN ${event.psn})`,
  context,
  event: { ...event, from: ELSEWHERE },
}));

const receives: readonly Vector[] = [
  {
    rule: 'QP-31',
    says: 'a receive is posted',
    event: { type: 'post.receive' },
    changes: { context: { receives: 5 } },
  },
  { rule: 'QP-31', says: 'none in RESET', value: { verbs: 'RESET' }, event: { type: 'post.receive' } },
];

const USED: Partial<QpContext> = {
  una: 1,
  nxt: 2,
  sent: 3,
  retries: 1,
  rnrRetries: 1,
  rnrWait: 1,
  expected: 2,
  nakSent: 1,
  inProgress: 'WRITE',
  resources: [{ first: 0, psns: 1 }],
};
const FRESH: Partial<QpContext> = {
  una: 0,
  nxt: 0,
  sent: 0,
  retries: 0,
  rnrRetries: 0,
  rnrWait: 0,
  expected: 0,
  nakSent: 0,
  inProgress: '',
  resources: [],
  receives: 0,
};

/** Chapter 20 where its tables do not reach: what errors do, and what RESET forgets. */
const verbs: readonly Vector[] = VERBS_STATES.flatMap((state): readonly Vector[] => {
  const sends = state === 'RTS' || state === 'SQD';
  const fails = sends || state === 'RTR';
  const at = { value: { verbs: state } } as const;
  const unreliable = { ...at, context: { qpType: 'UC' } } as const;
  return [
    {
      ...at,
      rule: 'QP-42',
      says: `RESET from ${state} forgets`,
      context: USED,
      event: { type: 'modify.reset' },
      changes: { value: { verbs: 'RESET' }, context: FRESH },
    },
    {
      ...at,
      rule: 'QP-9',
      says: `a send error in ${state}`,
      event: { type: 'send.error' },
      changes: { value: sends ? ERR : {} },
    },
    {
      ...unreliable,
      rule: 'QP-10',
      says: `a send error of UC in ${state}`,
      event: { type: 'send.error' },
      changes: { value: sends ? { verbs: 'SQE' } : {} },
    },
    {
      ...at,
      rule: 'QP-11',
      says: `a fatal error in ${state}`,
      event: { type: 'fatal' },
      changes: { value: fails ? ERR : {} },
    },
    {
      ...unreliable,
      rule: 'QP-11',
      says: `a fatal error of UC in ${state} is left to others`,
      event: { type: 'fatal' },
    },
  ];
});

/** Chapter 30, responder, and chapter 20, sentence by sentence. */
export const RESPONDER_VECTORS: readonly Vector[] = [...executing, ...apart, ...foreign, ...receives, ...verbs];
