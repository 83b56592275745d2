// Chapter 30: opcodes that nobody has given a meaning.
import { describe, expect, test } from 'vitest';
import { ip, modifyQp, unwrap } from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, opcodeInfo } from '../../impl/wire/opcode.ts';
import { Lone } from './lone.ts';
import { ASK, MTU, responder } from './rc-stage.ts';

const RESERVED = OPCODE_NAMES.filter((name) => opcodeInfo(name).operation === 'RESERVED');

describe('RC-75, RC-76: reserved opcodes', () => {
  test.each(RESERVED)('RC-75: %s at the expected PSN is refused and ends the QP', (opcode) => {
    for (const state of ['RTR', 'RTS'] as const) {
      const lone = new Lone({ state });
      lone.recv(1);
      expect(lone.exchange(opcode, 100, { payload: Uint8Array.of(1, 2, 3) })).toEqual(['INVALID_REQUEST 100']);
      expect(lone.state).toBe('ERR');
      expect(lone.events()).toEqual(['QP_REQ_ERR']);
      expect(lone.done()).toEqual(['1 WR_FLUSH_ERR']);
    }
  });
  test('RC-75: inside a message it fails the receive that the message holds', () => {
    const lone = new Lone();
    lone.recv(1);
    lone.get('RC_SEND_FIRST', 100, { payload: MTU });
    expect(lone.exchange('RC_RESERVED_18', 101)).toEqual(['INVALID_REQUEST 101']);
    expect(lone.done()).toEqual(['1 REM_INV_REQ_ERR']);
    expect(lone.events()).toEqual([]);
  });
  test('RC-75: ahead of the expected PSN it is a gap like any other', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_RESERVED_1A', 101)).toEqual(['PSN_SEQUENCE_ERROR 100']);
    expect(lone.state).toBe('RTS');
  });
  test('RC-76: behind it is dropped, whatever result is kept for its PSN', () => {
    const lone = new Lone();
    const atomic = { va: BigInt(lone.mr.addr), rkey: rkey(lone.mr.rkey), swapAdd: 1n, compare: 0n };
    expect(lone.exchange('RC_FETCH_ADD', 100, atomic)).toEqual(['ATOMIC_ACKNOWLEDGE 100']);
    expect(lone.exchange('RC_RESERVED_15', 100, ASK)).toEqual([]);
    expect(lone.nic.counters.drops.DUPLICATE).toBe(1);
    expect([lone.state, responder(lone).expectedPsn]).toEqual(['RTS', 101]);
  });
  test('RC-80: it passes admission first', () => {
    const lone = new Lone();
    lone.get('RC_RESERVED_1F', 100, {}, ip('10.0.0.99'));
    expect(lone.nic.counters.drops.WRONG_SOURCE).toBe(1);
    const dead = new Lone();
    unwrap(modifyQp(dead.qp, { qpState: 'ERR' }));
    dead.get('RC_RESERVED_1F', 100);
    expect(dead.nic.counters.drops.QP_STATE).toBe(1);
    const uc = new Lone({ qpType: 'UC' });
    uc.get('RC_RESERVED_1F', 100);
    expect(uc.nic.counters.drops.WRONG_SERVICE).toBe(1);
    for (const each of [lone, dead, uc]) expect(each.said()).toEqual([]);
  });
});
