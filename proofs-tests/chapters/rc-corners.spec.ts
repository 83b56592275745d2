// Chapter 30: corners of the engines that a whole transfer hardly ever meets.
import { describe, expect, test } from 'vitest';
import { deregMr, type Mr, postSend, regMr, type SendWr, unwrap } from '../../impl/index.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import type { Packet } from '../../impl/wire/packet.ts';
import { nak, rnrNak } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, Lone } from './lone.ts';
import { engine, MTU, naked, outstanding, REMOTE, read, to } from './rc-stage.ts';

/** The packets that a send puts on the wire. */
const packetsOf = (lone: Lone, wr: SendWr): readonly Packet[] => {
  unwrap(postSend(lone.qp, { signaled: true, ...wr }));
  lone.nic.tick(lone.now);
  return lone.sent();
};

/** More memory, with other access than the first. */
const region = (lone: Lone, access: number): Mr => unwrap(regMr(lone.pd, new Uint8Array(4096), access));
const piece = (mr: Mr, offset: number, length: number) => [{ addr: mr.addr + offset, length, lkey: mr.lkey }];

const flush = (wrId: number, placement: 'GLOBAL' | 'PERSISTENT', selectivity: 'RANGE' | 'MR'): SendWr => {
  return { wrId, opcode: 'FLUSH', length: 512, placement, selectivity, ...REMOTE };
};

describe('what a request carries', () => {
  test('RC-14: a READ behind a SEND that asks for a solicited event does not ask for one', () => {
    const lone = new Lone();
    const se = (wr: SendWr) => packetsOf(lone, wr).map(({ solicitedEvent }) => solicitedEvent);
    expect(se({ wrId: 1, opcode: 'SEND', solicited: true })).toEqual([true]);
    expect(se({ wrId: 2, opcode: 'RDMA_READ', sgList: [lone.piece(0, 8)], ...REMOTE, solicited: true })).toEqual([
      false,
    ]);
  });

  test('RC-5: a READ asks for an answer whatever was sent before it, on this QP or another', () => {
    const [lone, other] = [new Lone(), new Lone()];
    const sgList = [lone.piece(0, 8)];
    unwrap(postSend(other.qp, { wrId: 1, opcode: 'SEND', sgList: [other.piece(0, 600)] }));
    other.nic.tick(0, 1);
    expect(other.sent().map((p) => p.ackReq)).toEqual([false]);
    expect(packetsOf(lone, { wrId: 1, opcode: 'RDMA_READ', sgList, ...REMOTE }).map((p) => p.ackReq)).toEqual([true]);
  });

  test.each([
    ['GLOBAL', 'RANGE', 1, 0],
    ['GLOBAL', 'MR', 1, 1],
    ['PERSISTENT', 'RANGE', 2, 0],
    ['PERSISTENT', 'MR', 2, 1],
  ] as const)(
    'RC-4: a FLUSH of placement %s and selectivity %s says so, again when it is sent again',
    (p, s, type, level) => {
      const lone = new Lone();
      const said = { opcode: 'RC_FLUSH', placementType: type, selectivity: level, dmaLength: 512 };
      expect(packetsOf(lone, flush(1, p, s))).toMatchObject([said]);
      lone.now += ACK_TIMEOUT;
      lone.nic.tick(lone.now);
      expect(lone.sent()).toMatchObject([said]);
    },
  );

  test('RC-4: a FETCH_ADD behind a COMPARE_SWAP carries nothing of it', () => {
    const lone = new Lone();
    const at = { sgList: [lone.piece(0, 8)], ...REMOTE };
    const swap = packetsOf(lone, { wrId: 1, opcode: 'ATOMIC_CMP_AND_SWP', compareAdd: 5n, swap: 6n, ...at });
    expect(swap).toMatchObject([{ compare: 5n, swapAdd: 6n }]);
    const add = packetsOf(lone, { wrId: 2, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 7n, ...at });
    expect(add).toMatchObject([{ compare: 0n, swapAdd: 7n }]);
  });

  test('RC-11: an ATOMIC WRITE only reads its list, which need not be writable', () => {
    const lone = new Lone();
    const sgList = piece(region(lone, 0), 0, 8);
    expect(lone.send({ wrId: 1, opcode: 'ATOMIC_WRITE', sgList, ...REMOTE })).toEqual(['ATOMIC_WRITE 100']);
  });
});

/** Two SENDs, neither answered; of the second two packets have gone, and the third cannot be read. */
const failing = (): Lone => {
  const lone = new Lone();
  const gone = region(lone, 0);
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true }));
  unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND', sgList: piece(gone, 0, 1000) }));
  lone.nic.tick(0, 3);
  unwrap(deregMr(gone));
  lone.nic.tick(0);
  expect([lone.said(), lone.state]).toEqual([['SEND_ONLY 100', 'SEND_FIRST 101', 'SEND_MIDDLE 102'], 'RTS']);
  return lone;
};

describe('answers', () => {
  test('RC-40: a later request does not put the ACK timer of an earlier one off', () => {
    const lone = outstanding(1);
    lone.now += ACK_TIMEOUT - 1;
    expect(lone.send({ wrId: 2, opcode: 'SEND' })).toEqual(['SEND_ONLY 101']);
    expect(lone.pass(1)).toEqual(['SEND_ONLY 100', 'SEND_ONLY 101']);
  });

  test('RC-26: an RNR NAK beyond an unanswered READ asks for the READ again, at once', () => {
    const lone = new Lone();
    read(lone, 1, 8);
    lone.send({ wrId: 2, opcode: 'SEND' });
    const said = lone.exchange('RC_ACKNOWLEDGE', 101, { syndrome: rnrNak(31) });
    expect(said).toEqual(['READ_REQUEST 100', 'SEND_ONLY 101']);
  });

  const FITS_NOT: readonly (readonly [string, SendWr, Parameters<Lone['get']>])[] = [
    ['a FLUSH’s with bytes', flush(1, 'GLOBAL', 'MR'), ['RC_READ_RESPONSE_ONLY', 100, { payload: MTU }]],
    ['an atomic’s for a FLUSH', flush(1, 'GLOBAL', 'MR'), ['RC_ATOMIC_ACKNOWLEDGE', 100]],
    ['an atomic’s for a READ of no bytes', { wrId: 1, opcode: 'RDMA_READ', ...REMOTE }, ['RC_ATOMIC_ACKNOWLEDGE', 100]],
  ];
  test.each(FITS_NOT)('RC-28: an answer that does not fit, %s, fails the WQE', (_name, wr, response) => {
    const lone = new Lone();
    lone.send(wr);
    lone.get(...response);
    expect(lone.done()).toEqual(['1 BAD_RESP_ERR']);
  });

  test('VRB-60, RC-11: an answer to what has failed here, when its turn to complete comes', () => {
    const lone = failing();
    lone.get('RC_READ_RESPONSE_ONLY', 101, { payload: MTU });
    expect([lone.done(), lone.state]).toEqual([['1 SUCCESS', '2 LOC_PROT_ERR'], 'ERR']);
  });

  test('RC-11, RC-36: a refusal of what has failed here comes too late', () => {
    const lone = failing();
    lone.get('RC_ACKNOWLEDGE', 101, { syndrome: nak('INVALID_REQUEST') });
    expect([lone.done(), lone.state]).toEqual([['1 SUCCESS', '2 LOC_PROT_ERR'], 'ERR']);
  });
});

describe('VRB-60: a packet that changes nothing is counted', () => {
  test('VRB-60, RC-39: a sequence NAK while one is being answered', () => {
    const lone = outstanding(3);
    naked(lone, 100);
    expect([naked(lone, 100), lone.nic.counters.drops.NAK_HANDLED]).toEqual([[], 1]);
  });
  test('VRB-60, RC-33: an RNR NAK in a wait, which it does not make longer', () => {
    const lone = outstanding(1);
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(1) });
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: rnrNak(31) });
    expect(lone.nic.counters.drops.NAK_HANDLED).toBe(1);
    expect(lone.pass(10_000)).toEqual(['SEND_ONLY 100']);
  });
  test('VRB-60, RC-69: a request behind one that was refused, whose NAK waits', () => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 256 * 250));
    lone.get('RC_SEND_MIDDLE', 350, { payload: MTU });
    lone.get('RC_SEND_ONLY', 351);
    expect(lone.nic.counters.drops.QP_STATE).toBe(1);
    expect(lone.said()).toHaveLength(128);
    lone.nic.tick(0);
    expect([lone.said().at(-1), lone.state]).toEqual(['INVALID_REQUEST 350', 'ERR']);
  });
});

test('MIG-15: a late answer to a READ is no answer to a RESUME', () => {
  const lone = new Lone();
  read(lone, 1, 8);
  stopContext(lone.context, 0);
  resumeContext(lone.context, 0);
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['RESUME 100']);
  lone.get('RC_READ_RESPONSE_ONLY', 100, { payload: new Uint8Array(8) });
  lone.send({ wrId: 2, opcode: 'SEND' });
  expect([lone.done(), lone.said(), engine(lone).resuming === undefined]).toEqual([['1 SUCCESS'], [], false]);
});
