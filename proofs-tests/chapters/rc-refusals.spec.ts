// Chapter 30: requests that the responder refuses.
import { describe, expect, test } from 'vitest';
import { ACCESS, allocPd, regMr, unwrap } from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import type { OpcodeName } from '../../impl/wire/opcode.ts';
import { Lone, type LoneConfig } from './lone.ts';
import { ASK, type Fields, MTU, responder, to } from './rc-stage.ts';

describe('RC-60: receiver not ready', () => {
  test.each<OpcodeName>(['RC_SEND_ONLY', 'RC_SEND_FIRST', 'RC_WRITE_ONLY_WITH_IMM'])(
    'RC-60: %s without a receive',
    (opcode) => {
      const lone = new Lone({ rtr: { minRnrTimer: 21 } });
      const payload = opcode === 'RC_SEND_FIRST' ? MTU : new Uint8Array(0);
      const fields = opcode.includes('WRITE') ? to(lone, 0, 0) : { payload };
      expect(lone.exchange(opcode, 100, fields)).toEqual(['RNR 21 100']);
      expect(lone.exchange('RC_SEND_ONLY', 101, ASK)).toEqual([]);
      expect(responder(lone).expectedPsn).toBe(100);
      lone.recv(1);
      expect(lone.exchange('RC_SEND_ONLY', 100, ASK)).toEqual(['ACK 100']);
    },
  );
  test('RC-60: a WRITE without immediate needs none', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_WRITE_ONLY', 100, to(lone, 0, 0))).toEqual(['ACK 100']);
  });
});

type Refused = { readonly name: string; readonly act: (lone: Lone) => void; readonly config?: LoneConfig };

type Row = readonly [name: string, act: (lone: Lone) => void, config?: LoneConfig];
const named = (rows: readonly Row[]): readonly Refused[] =>
  rows.map(([name, act, config]) => ({ name, act, ...(config === undefined ? {} : { config }) }));

/** The request is answered with the NAK, no memory has changed, the QP is in ERR and the consumer told. */
const expectRefused = ({ act, config = {} }: Refused, nak: string, event = 'QP_REQ_ERR'): void => {
  const lone = new Lone(config);
  const before = lone.bytes.slice();
  act(lone);
  expect(lone.said().at(-1)).toMatch(new RegExp(`^${nak} \\d+$`));
  expect(lone.state).toBe('ERR');
  expect(Buffer.compare(lone.bytes, before)).toBe(0);
  expect(lone.events()).toEqual([event]);
};

describe('RC-61: sequence of opcodes', () => {
  test.each(
    named([
      ['MIDDLE without FIRST', (l) => l.get('RC_SEND_MIDDLE', 100, { payload: MTU })],
      ['LAST without FIRST', (l) => l.get('RC_WRITE_LAST', 100, { payload: MTU })],
      [
        'SEND inside a WRITE',
        (l) => {
          l.get('RC_WRITE_FIRST', 100, to(l, 0, 512, { payload: MTU }));
          l.get('RC_SEND_LAST', 101, { payload: MTU });
        },
      ],
      [
        'READ inside a WRITE',
        (l) => {
          l.get('RC_WRITE_FIRST', 100, to(l, 0, 512, { payload: MTU }));
          l.get('RC_READ_REQUEST', 101, to(l, 0, 1));
        },
      ],
    ]),
  )('RC-61: $name', (each) => expectRefused(each, 'INVALID_REQUEST'));
  test('RC-61, RC-69: FIRST inside a SEND fails the receive that is held', () => {
    const lone = new Lone();
    lone.recv(1);
    lone.recv(2);
    lone.get('RC_SEND_FIRST', 100, { payload: MTU });
    expect(lone.exchange('RC_SEND_FIRST', 101, { payload: MTU })).toEqual(['INVALID_REQUEST 101']);
    expect(lone.done()).toEqual(['1 REM_INV_REQ_ERR', '2 WR_FLUSH_ERR']);
    expect(lone.events()).toEqual([]);
  });
});

describe('RC-62: operations not allowed', () => {
  const without = (bit: number): LoneConfig => ({ qpAccess: 15 & ~bit });
  test.each(
    named([
      [
        'WRITE',
        (l) => l.get('RC_WRITE_ONLY', 100, to(l, 0, 4, { payload: new Uint8Array(4).fill(1) })),
        without(ACCESS.REMOTE_WRITE),
      ],
      ['READ', (l) => l.get('RC_READ_REQUEST', 100, to(l, 0, 4)), without(ACCESS.REMOTE_READ)],
      ['atomic', (l) => l.get('RC_FETCH_ADD', 100, { ...to(l, 0, 0), swapAdd: 1n }), without(ACCESS.REMOTE_ATOMIC)],
      [
        'ATOMIC WRITE',
        (l) => l.get('RC_ATOMIC_WRITE', 100, to(l, 0, 8, { payload: new Uint8Array(8) })),
        without(ACCESS.REMOTE_WRITE),
      ],
      ['FLUSH', (l) => l.get('RC_FLUSH', 100, to(l, 0, 8, { placementType: 2 }))],
      [
        'READ with MAX_DEST_RD_ATOMIC 0',
        (l) => l.get('RC_READ_REQUEST', 100, to(l, 0, 4)),
        { rtr: { maxDestRdAtomic: 0 } },
      ],
    ]),
  )('RC-62: $name', (each) => expectRefused(each, 'INVALID_REQUEST'));
});

describe('RC-63: lengths', () => {
  test.each(
    named([
      ['a short FIRST', (l) => l.get('RC_WRITE_FIRST', 100, to(l, 0, 600, { payload: new Uint8Array(255) }))],
      ['a long ONLY', (l) => l.get('RC_WRITE_ONLY', 100, to(l, 0, 257, { payload: new Uint8Array(257) }))],
      ['a RETH length above 2^31', (l) => l.get('RC_READ_REQUEST', 100, to(l, 0, 2 ** 31 + 1))],
      ['so for a WRITE', (l) => l.get('RC_WRITE_FIRST', 100, to(l, 0, 2 ** 31 + 1, { payload: MTU }))],
      [
        'a WRITE shorter than announced',
        (l) => l.get('RC_WRITE_ONLY', 100, to(l, 0, 5, { payload: new Uint8Array(4) })),
      ],
      [
        'a WRITE longer than announced',
        (l) => l.get('RC_WRITE_ONLY', 100, to(l, 0, 3, { payload: new Uint8Array(4) })),
      ],
      ['a FIRST that says all there is', (l) => l.get('RC_WRITE_FIRST', 100, to(l, 0, 256, { payload: MTU }))],
      [
        'a MIDDLE that leaves nothing for the LAST',
        (l) => {
          l.get('RC_WRITE_FIRST', 100, to(l, 0, 512, { payload: MTU }));
          l.get('RC_WRITE_MIDDLE', 101, { payload: MTU });
        },
      ],
    ]),
  )('RC-63: $name', (each) => expectRefused(each, 'INVALID_REQUEST'));
  test('RC-63: 2^31 bytes are not too long', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_READ_REQUEST', 100, to(lone, 0, 2 ** 31))).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
});

test('RC-64: a SEND longer than its receive: NAK invalid request, LOC_LEN_ERR, and nothing behind the buffer is touched', () => {
  const lone = new Lone();
  lone.recv(1, 0, 300);
  lone.get('RC_SEND_FIRST', 100, { payload: MTU });
  expect(lone.exchange('RC_SEND_LAST', 101, { payload: new Uint8Array(45).fill(1) })).toEqual(['INVALID_REQUEST 101']);
  expect(lone.done()).toEqual(['1 LOC_LEN_ERR']);
  expect(lone.bytes[300]).toBe(0);
});

test('RC-64: so for a message of one packet, whose receive was still queued', () => {
  const lone = new Lone();
  lone.recv(1, 0, 3);
  expect(lone.exchange('RC_SEND_ONLY', 100, { payload: new Uint8Array(4) })).toEqual(['INVALID_REQUEST 100']);
  expect(lone.done()).toEqual(['1 LOC_LEN_ERR']);
});

describe('RC-65: alignment', () => {
  test.each(
    named([
      ['FETCH_ADD', (l) => l.get('RC_FETCH_ADD', 100, { ...to(l, 4, 0), swapAdd: 1n })],
      ['COMPARE_SWAP', (l) => l.get('RC_COMPARE_SWAP', 100, { ...to(l, 1, 0), swapAdd: 1n })],
      ['ATOMIC WRITE', (l) => l.get('RC_ATOMIC_WRITE', 100, to(l, 7, 8, { payload: new Uint8Array(8).fill(1) }))],
    ]),
  )('RC-65: $name', (each) => expectRefused(each, 'INVALID_REQUEST'));
});

describe('RC-66, RC-73: keys and bounds', () => {
  const write = (lone: Lone, fields: Fields): void =>
    lone.get('RC_WRITE_ONLY', 100, { ...fields, payload: new Uint8Array(8).fill(1) });
  test.each(
    named([
      ['an unknown key', (l) => write(l, to(l, 0, 8, { rkey: rkey(l.mr.rkey ^ 0x100) }))],
      ['another generation of the key', (l) => write(l, to(l, 0, 8, { rkey: rkey(l.mr.rkey ^ 1) }))],
      ['a byte before', (l) => write(l, to(l, -1, 8))],
      ['a byte behind', (l) => write(l, to(l, 65536 - 7, 8))],
      ['a VA beyond 2^53', (l) => write(l, to(l, 0, 8, { va: BigInt(l.mr.addr) + 2n ** 63n }))],
      ['no permission to write', (l) => write(l, to(l, 0, 8)), { access: ACCESS.REMOTE_READ }],
      ['no permission to read', (l) => l.get('RC_READ_REQUEST', 100, to(l, 0, 8)), { access: ACCESS.LOCAL_WRITE }],
      ['no permission for atomics', (l) => l.get('RC_FETCH_ADD', 100, to(l, 0, 0)), { access: ACCESS.LOCAL_WRITE }],
      [
        'a whole that does not fit though its first packet does',
        (l) => l.get('RC_WRITE_FIRST', 100, to(l, 65536 - 256, 512, { payload: MTU })),
      ],
    ]),
  )('RC-66, RC-73: $name', (each) => expectRefused(each, 'REMOTE_ACCESS_ERROR', 'QP_ACCESS_ERR'));
  test('RC-66: a key of another protection domain', () => {
    const lone = new Lone();
    const other = unwrap(regMr(unwrap(allocPd(lone.context)), new Uint8Array(64), 15));
    const fields = { va: BigInt(other.addr), rkey: rkey(other.rkey), dmaLength: 8 };
    expect(lone.exchange('RC_READ_REQUEST', 100, fields)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('RC-66: the whole region, to its last byte, is open', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_WRITE_ONLY', 100, to(lone, 65536 - 8, 8, { payload: new Uint8Array(8) }))).toEqual([
      'ACK 100',
    ]);
    expect(lone.exchange('RC_READ_REQUEST', 101, to(lone, 0, 65536))).toHaveLength(256);
  });
});

test('RC-67: a READ or WRITE of no bytes needs no valid key', () => {
  const lone = new Lone();
  const nowhere = { va: 5n, rkey: rkey(0xbad), dmaLength: 0, ...ASK };
  expect(lone.exchange('RC_WRITE_ONLY', 100, nowhere)).toEqual(['ACK 100']);
  expect(lone.exchange('RC_READ_REQUEST', 101, nowhere)).toEqual(['READ_RESPONSE_ONLY 101']);
});

describe('RC-77: FLUSH', () => {
  const FLUSHES = 15 | ACCESS.FLUSH_GLOBAL;
  const WHOLE = { placementType: 1, selectivity: 1 };
  test('RC-77: of the whole region, or of no bytes, it names no range', () => {
    const lone = new Lone({ access: FLUSHES, qpAccess: FLUSHES });
    expect(lone.exchange('RC_FLUSH', 100, to(lone, -5, 99999, WHOLE))).toEqual(['READ_RESPONSE_ONLY 100']);
    expect(lone.exchange('RC_FLUSH', 101, to(lone, -5, 0, { placementType: 1 }))).toEqual(['READ_RESPONSE_ONLY 101']);
    expect(lone.exchange('RC_FLUSH', 102, to(lone, -5, 8, { placementType: 1 }))).toEqual(['REMOTE_ACCESS_ERROR 102']);
  });
  test.each(
    named([
      ['of the whole region', (l) => l.get('RC_FLUSH', 100, to(l, 0, 8, WHOLE)), { qpAccess: FLUSHES }],
      ['of no bytes', (l) => l.get('RC_FLUSH', 100, to(l, 0, 0, { placementType: 1 })), { qpAccess: FLUSHES }],
    ]),
  )('RC-77: $name it needs the permission', (each) => expectRefused(each, 'REMOTE_ACCESS_ERROR', 'QP_ACCESS_ERR'));
  test('RC-77: of no bytes it needs a key', () => {
    const lone = new Lone({ access: FLUSHES, qpAccess: FLUSHES });
    const fields = to(lone, 0, 0, { placementType: 1, rkey: rkey(lone.mr.rkey ^ 1) });
    expect(lone.exchange('RC_FLUSH', 100, fields)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
});

test('RC-68: a receive with a list that cannot be used: NAK remote operational error, LOC_PROT_ERR', () => {
  const lone = new Lone({ access: 0 });
  lone.recv(1);
  expect(lone.exchange('RC_SEND_ONLY', 100, { payload: new Uint8Array(4) })).toEqual(['REMOTE_OPERATIONAL_ERROR 100']);
  expect(lone.done()).toEqual(['1 LOC_PROT_ERR']);
  expect(lone.state).toBe('ERR');
});

test('RC-69: what comes after the NAK is dropped', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.exchange('RC_READ_REQUEST', 100, to(lone, -1, 8));
  expect(lone.exchange('RC_SEND_ONLY', 101, ASK)).toEqual([]);
  expect(lone.nic.counters.drops.QP_STATE).toBe(1);
});

test('RC-74: a READ beyond the answers a peer may wait for is refused, after the answers before it', () => {
  const lone = new Lone({ rtr: { maxDestRdAtomic: 2 } });
  const packets = 200;
  [100, 300, 500].forEach((psn) => {
    lone.get('RC_READ_REQUEST', psn, to(lone, 0, 256 * packets));
  });
  lone.nic.tick(0);
  const said = lone.said();
  expect(said).toHaveLength(2 * packets + 1);
  expect(said.at(-1)).toBe('INVALID_REQUEST 500');
  expect(lone.state).toBe('ERR');
});

test('RC-71: a SEND with an R_Key that cannot be invalidated is not answered and ends the QP', () => {
  const lone = new Lone();
  lone.recv(1);
  expect(lone.exchange('RC_SEND_ONLY_WITH_INV', 100, { invalidateRkey: rkey(0x123), ...ASK })).toEqual([]);
  expect(lone.done()).toEqual(['1 REM_INV_REQ_ERR']);
  expect(lone.state).toBe('ERR');
});
