// Chapter 30: corners of the responder.
import { expect, test } from 'vitest';
import { modifyQp, resizeCq, unwrap } from '../../impl/index.ts';
import { Lone, PEER } from './lone.ts';
import { INIT_ATTR, rtrAttr, rtsAttr } from './pair.ts';
import { ASK, MTU, responder, to } from './rc-stage.ts';

test('VRB-60, RC-52: requests behind a gap that has been NAKed are counted', () => {
  const lone = new Lone();
  expect(lone.exchange('RC_SEND_ONLY', 105)).toEqual(['PSN_SEQUENCE_ERROR 100']);
  for (const psn of [106, 107]) lone.get('RC_SEND_ONLY', psn);
  expect([lone.said(), lone.nic.counters.drops.OUT_OF_SEQUENCE]).toEqual([[], 2]);
});

test('RC-74: SENDs and WRITEs are no requests for an answer of their own, and are taken while the limit is reached', () => {
  const lone = new Lone({ rtr: { maxDestRdAtomic: 1 } });
  lone.recv(1);
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 250));
  lone.get('RC_WRITE_ONLY', 350, to(lone, 1000, 256, { payload: MTU }));
  lone.get('RC_SEND_ONLY', 351, { payload: MTU });
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(responder(lone).expectedPsn).toBe(352);
});

test.each([
  ['RC_SEND_ONLY', {}, 'QP_REQ_ERR'],
  ['RC_WRITE_ONLY_WITH_IMM', { imm: 7 }, 'QP_ACCESS_ERR'],
] as const)(
  'RC-69, RC-73: %s that is refused before it has taken a receive leaves it to be flushed',
  (opcode, fields, event) => {
    const lone = new Lone();
    lone.recv(1);
    // The SEND is longer than the path MTU; the WRITE names no key.
    const payload = new Uint8Array(opcode === 'RC_SEND_ONLY' ? 260 : 8);
    lone.get(opcode, 100, { payload, dmaLength: payload.length, ...ASK, ...fields });
    expect([lone.done(), lone.events()]).toEqual([['1 WR_FLUSH_ERR'], [event]]);
  },
);

test('RC-59: the MSN begins again at 0 behind 2^24 - 1', () => {
  const lone = new Lone();
  responder(lone).msn = 0xffffff;
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100, ASK);
  expect([lone.sent().map(({ msn }) => msn), responder(lone).msn]).toEqual([[0], 0]);
});

test('RC-57, RC-83: a QP that comes back to a CQ that has overrun answers WRITEs, which need no completion', () => {
  const lone = new Lone();
  for (const wrId of [1, 2]) lone.recv(wrId);
  unwrap(resizeCq(lone.cq, 1));
  for (const psn of [100, 101]) lone.get('RC_SEND_ONLY', psn);
  lone.nic.tick(0);
  expect(lone.state).toBe('ERR');
  const peer = { ...lone.qp, qpNum: 0x777 };
  unwrap(modifyQp(lone.qp, { qpState: 'RESET' }));
  unwrap(modifyQp(lone.qp, { ...INIT_ATTR, qpAccessFlags: 2 }));
  unwrap(modifyQp(lone.qp, rtrAttr(peer, PEER, 256, 500)));
  unwrap(modifyQp(lone.qp, rtsAttr(500)));
  expect(lone.exchange('RC_WRITE_ONLY', 500, to(lone, 0, 256, { payload: MTU }))).toEqual(['ACK 500']);
});

/** A READ whose answer is longer than what is sent at once: what comes after it waits. */
const LONG = 256 * 200;
const behindLongRead = (): Lone => {
  const lone = new Lone();
  for (let wrId = 1; wrId <= 8; wrId++) lone.recv(wrId);
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, LONG));
  lone.said();
  return lone;
};
/** What is said behind the READ's answer. */
const afterRead = (lone: Lone): readonly string[] => {
  lone.nic.tick(0);
  const said = lone.said();
  return said.slice(said.indexOf('READ_RESPONSE_LAST 299') + 1);
};

test('RC-57, RC-70: of acknowledgements that wait the last is sent, which says it all', () => {
  const lone = behindLongRead();
  for (const psn of [300, 301]) lone.get('RC_SEND_ONLY', psn, ASK);
  expect(responder(lone).outbox.answers).toHaveLength(2);
  expect(afterRead(lone)).toEqual(['ACK 301']);
});

test('RC-52, RC-78: an acknowledgement does not cancel a sequence NAK that waits', () => {
  const lone = behindLongRead();
  lone.get('RC_SEND_ONLY', 305);
  lone.get('RC_SEND_ONLY', 99, ASK);
  expect(afterRead(lone)).toEqual(['PSN_SEQUENCE_ERROR 300', 'ACK 299']);
});

test('RC-52, RC-57: when a gap is closed its NAK is not sent any more, an acknowledgement before it is', () => {
  const lone = behindLongRead();
  lone.get('RC_SEND_ONLY', 300, ASK);
  lone.get('RC_SEND_ONLY', 305);
  lone.get('RC_SEND_ONLY', 301);
  expect(afterRead(lone)).toEqual(['ACK 300']);
});

test('RC-55: a long READ that comes again is answered to its end', () => {
  const lone = behindLongRead();
  lone.nic.tick(0);
  lone.said();
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, LONG));
  const first = lone.said();
  lone.nic.tick(0);
  expect([...first, ...lone.said()]).toHaveLength(200);
});

test('RC-55: a READ again that would be answered beyond its PSNs is dropped', () => {
  const lone = new Lone();
  lone.exchange('RC_READ_REQUEST', 100, to(lone, 0, 1024));
  expect(lone.exchange('RC_READ_REQUEST', 103, to(lone, 0, 1024))).toEqual([]);
  expect(lone.exchange('RC_READ_REQUEST', 103, to(lone, 0, 256))).toEqual(['READ_RESPONSE_ONLY 103']);
  expect(lone.nic.counters.drops.NO_RESOURCE).toBe(1);
});

test('RC-56, RC-59: an atomic again is answered with what was saved, its MSN too; one not kept is dropped and counted', () => {
  const lone = new Lone({ rtr: { maxDestRdAtomic: 1 } });
  const answers: (readonly [number, bigint])[] = [];
  for (const psn of [100, 101, 101]) {
    lone.get('RC_FETCH_ADD', psn, to(lone, 0, 8, { swapAdd: 1n }));
    answers.push(...lone.sent().map(({ msn, original }) => [msn, original] as const));
    lone.recv(psn);
    if (psn === 101) lone.exchange('RC_SEND_ONLY', 102);
  }
  expect(answers).toEqual([
    [1, 0n],
    [2, 1n],
    [2, 1n],
  ]);
  expect(lone.exchange('RC_FETCH_ADD', 100, to(lone, 0, 8, { swapAdd: 1n }))).toEqual([]);
  expect(lone.nic.counters.drops.NO_RESOURCE).toBe(1);
});
