// Chapter 30: the completer.
import { describe, expect, test } from 'vitest';
import { postSend, unwrap } from '../../impl/index.ts';
import { ADMISSION_DROPS } from '../../impl/qp/qp-core.ts';
import { NAK_STATUS } from '../../impl/rc/completer.ts';
import { ack, nak, rnrNak, syndrome } from '../../impl/wire/syndrome.ts';
import { cell, specTable } from '../trace/tables.ts';
import { Lone } from './lone.ts';
import { pattern } from './pair.ts';
import { acked, engine, MTU, naked, outstanding, REMOTE, read } from './rc-stage.ts';

const add = (lone: Lone, wrId: number): readonly string[] =>
  lone.send({ wrId, opcode: 'ATOMIC_FETCH_AND_ADD', sgList: [lone.piece(0, 8)], compareAdd: 1n, ...REMOTE });
test('RC-20, RC-22, RC-23: an ACK completes everything up to its PSN, in post order', () => {
  const lone = outstanding(4);
  acked(lone, 102);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS', '3 SUCCESS']);
  acked(lone, 103);
  expect(lone.done()).toEqual(['4 SUCCESS']);
});

test('RC-20: an ACK completes across the wrap of the PSN', () => {
  const lone = new Lone({ rts: { sqPsn: 0xffffff } });
  for (const wrId of [1, 2, 3]) lone.send({ wrId, opcode: 'SEND' });
  acked(lone, 0);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
});

test.each([99, 103, 104, 100 + 2 ** 23, 99 - 2 ** 22])(
  'RC-21: a response of PSN %d, outside the window, changes nothing',
  (psn) => {
    const lone = outstanding(3);
    const before = { ...engine(lone).completer };
    for (const code of [ack(), nak('PSN_SEQUENCE_ERROR'), nak('INVALID_REQUEST'), rnrNak(1), syndrome(0x70)]) {
      expect(lone.exchange('RC_ACKNOWLEDGE', psn, { syndrome: code })).toEqual([]);
    }
    expect(lone.exchange('RC_READ_RESPONSE_ONLY', psn)).toEqual([]);
    expect(engine(lone).completer).toEqual(before);
    expect(lone.done()).toEqual([]);
  },
);

test('RC-21: an ACK of a packet of the message that has not been sent yet is ignored', () => {
  const lone = new Lone({ nic: { window: 2 } });
  lone.send({ wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 256 * 4)] });
  acked(lone, 103);
  expect(lone.done()).toEqual([]);
});

test('RC-22: an ACK inside a message does not complete it', () => {
  const lone = new Lone();
  lone.send({ wrId: 1, opcode: 'RDMA_WRITE', sgList: [lone.piece(0, 256 * 4)], ...REMOTE });
  acked(lone, 102);
  expect(lone.done()).toEqual([]);
  acked(lone, 103);
  expect(lone.done()).toEqual(['1 SUCCESS']);
});

test('RC-24: a success is silent unless the WR or the QP asks for completions', () => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND' }));
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', signaled: true }));
  lone.nic.tick(0);
  acked(lone, 101);
  expect(lone.done()).toEqual(['2 SUCCESS']);
  const all = new Lone({ init: { sqSigAll: true, cap: { maxSendWr: 4 } } });
  unwrap(postSend(all.qp, { wrId: 1, opcode: 'SEND' }));
  all.nic.tick(0);
  acked(all, 100);
  expect(all.done()).toEqual(['1 SUCCESS']);
});

test('RC-25: a failure is told even if no completion was asked for', () => {
  const lone = new Lone();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND' }));
  lone.nic.tick(0);
  lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome: nak('REMOTE_ACCESS_ERROR') });
  expect(lone.done()).toEqual(['1 REM_ACCESS_ERR']);
});

describe('RC-26, RC-29: answers beyond an unanswered READ or atomic', () => {
  test('RC-26: an ACK beyond a READ completes what is before it and asks for the READ again', () => {
    const lone = outstanding(1);
    read(lone, 2, 600);
    lone.send({ wrId: 3, opcode: 'SEND' });
    expect(acked(lone, 104)).toEqual(['READ_REQUEST 101', 'SEND_ONLY 104']);
    expect(lone.done()).toEqual(['1 SUCCESS']);
  });
  test('RC-26: a READ response that skips one asks for the rest from the missing one on', () => {
    const lone = new Lone();
    read(lone, 1, 1000);
    lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: MTU });
    expect(lone.exchange('RC_READ_RESPONSE_MIDDLE', 102, { payload: MTU })).toEqual(['READ_REQUEST 101']);
    expect(lone.nic.counters.tallies.impliedNaks).toBe(1);
  });
  test('RC-29: an ACK of its own PSN completes neither READ nor atomic', () => {
    const lone = new Lone();
    read(lone, 1, 8);
    expect(acked(lone, 100)).toEqual(['READ_REQUEST 100']);
    const other = new Lone();
    add(other, 1);
    expect(acked(other, 100)).toEqual(['FETCH_ADD 100']);
    expect([lone.done(), other.done()]).toEqual([[], []]);
  });
  test('RC-26: a response of a READ completes the SENDs before it', () => {
    const lone = outstanding(2);
    read(lone, 3, 8);
    lone.exchange('RC_READ_RESPONSE_ONLY', 102, { payload: new Uint8Array(8) });
    expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS', '3 SUCCESS']);
  });
});

test('RC-27: response packets are placed in order, each once; a repeated one changes nothing', () => {
  const lone = new Lone();
  read(lone, 1, 600);
  const bytes = pattern(600, 9);
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: bytes.subarray(0, 256) });
  lone.get('RC_READ_RESPONSE_FIRST', 100, { payload: new Uint8Array(256).fill(0xee) });
  lone.get('RC_READ_RESPONSE_MIDDLE', 101, { payload: bytes.subarray(256, 512) });
  lone.get('RC_READ_RESPONSE_LAST', 102, { payload: bytes.subarray(512) });
  expect(lone.done()).toEqual(['1 SUCCESS']);
  expect(lone.bytes.subarray(0, 600)).toEqual(bytes);
});

describe('RC-28: answers that do not fit fail the WQE', () => {
  const cases: readonly (readonly [string, (lone: Lone) => readonly string[], Parameters<Lone['get']>])[] = [
    ['a first packet too short', (l) => read(l, 1, 600), ['RC_READ_RESPONSE_ONLY', 100, { payload: MTU }]],
    [
      'a last packet too long',
      (l) => read(l, 1, 100),
      ['RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(101) }],
    ],
    ['a FIRST for one packet', (l) => read(l, 1, 256), ['RC_READ_RESPONSE_FIRST', 100, { payload: MTU }]],
    ['an atomic’s for a READ', (l) => read(l, 1, 8), ['RC_ATOMIC_ACKNOWLEDGE', 100]],
    ['a READ’s for an atomic', (l) => add(l, 1), ['RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(8) }]],
    ['a READ’s for a SEND', (l) => l.send({ wrId: 1, opcode: 'SEND' }), ['RC_READ_RESPONSE_ONLY', 100]],
  ];
  test.each(cases)('RC-28: %s', (_name, post, response) => {
    const lone = new Lone();
    post(lone);
    lone.get(...response);
    expect(lone.done()).toEqual(['1 BAD_RESP_ERR']);
    expect(lone.state).toBe('ERR');
  });
});

test('RC-30: a sequence NAK acknowledges what is before its PSN and sends again from there', () => {
  const lone = outstanding(4);
  expect(naked(lone, 102)).toEqual(['SEND_ONLY 102', 'SEND_ONLY 103']);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
});

test('RC-36: a refusal completes its WQE with the status of the table, after what is before it', () => {
  const rows = specTable('spec/30-rc.md', 'nak-wc');
  expect(Object.entries(NAK_STATUS)).toEqual(
    rows.rows.map((row) => [cell(rows, row, 'NAK'), cell(rows, row, "requester's WC status")]),
  );
  for (const code of ['INVALID_REQUEST', 'REMOTE_ACCESS_ERROR', 'REMOTE_OPERATIONAL_ERROR'] as const) {
    const lone = outstanding(3);
    lone.get('RC_ACKNOWLEDGE', 101, { syndrome: nak(code) });
    expect(lone.done()).toEqual(['1 SUCCESS', `2 ${NAK_STATUS[code]}`, '3 WR_FLUSH_ERR']);
    expect(lone.state).toBe('ERR');
  }
});

test.each([0x66, 0x7f, 0x40, 0x5f, 0x80, 0xff])('RC-37: the reserved syndrome %d fails the WQE of its PSN', (value) => {
  const lone = outstanding(2);
  lone.get('RC_ACKNOWLEDGE', 101, { syndrome: syndrome(value) });
  expect(lone.done()).toEqual(['1 SUCCESS', '2 REM_OP_ERR']);
});

test('RC-38: every credit code acknowledges, and none stops the requester', () => {
  const lone = new Lone({ nic: { window: 1 } });
  for (let code = 0; code < 32; code++) {
    const psn = 100 + code;
    expect(lone.send({ wrId: code, opcode: 'SEND' })).toEqual([`SEND_ONLY ${psn}`]);
    lone.get('RC_ACKNOWLEDGE', psn, { syndrome: ack(code) });
    expect(lone.done()).toEqual([`${code} SUCCESS`]);
  }
});

test('RC-21: what is dropped is counted', () => {
  const lone = new Lone();
  acked(lone, 5);
  expect(ADMISSION_DROPS.filter((reason) => lone.nic.counters.drops[reason] > 0)).toEqual(['OUTSIDE_WINDOW']);
});
