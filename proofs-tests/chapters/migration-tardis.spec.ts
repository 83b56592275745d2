// Chapter 50, part A: what one QP does when it, or its peer, is stopped and resumes.
import { describe, expect, test } from 'vitest';
import { ip, modifyQp, postSend, queryQp, unwrap } from '../../impl/index.ts';
import { QP_STATES } from '../../impl/qp/state.ts';
import { captureQp, resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import type { OpcodeName } from '../../impl/wire/opcode.ts';
import { ack, nak, rnrNak } from '../../impl/wire/syndrome.ts';
import { ACK_TIMEOUT, Lone, PEER } from './lone.ts';

const MOVED = ip('10.0.0.3');
const phase = (lone: Lone): string => lone.qp.engine.migration.phase;
const stopped = (lone: Lone): Lone => {
  stopContext(lone.context, lone.now);
  return lone;
};
const pausedBy = (lone: Lone, psn = 100): readonly string[] =>
  lone.exchange('RC_ACKNOWLEDGE', psn, { syndrome: nak('STOPPED') });
const resumedBy = (lone: Lone, source = MOVED, psn = 0): readonly string[] => {
  lone.get('RC_RESUME', psn, {}, source);
  lone.nic.tick(lone.now);
  return lone.said();
};
const engine = (lone: Lone) => {
  if (lone.qp.engine.type !== 'RC') throw new Error('RC');
  return lone.qp.engine;
};

test.each(QP_STATES)('MIG-1: stop in %s makes the QP STOPPED and keeps its verbs state', (state) => {
  const lone = new Lone();
  lone.qp.engine.state = state;
  stopped(lone);
  expect([phase(lone), unwrap(queryQp(lone.qp)).qpState]).toEqual(['STOPPED', state]);
});

test('MIG-1: a PAUSED QP that is stopped remembers that its peer was paused', () => {
  const lone = new Lone();
  pausedBy(lone);
  expect(stopped(lone).qp.engine.migration).toMatchObject({ phase: 'STOPPED', peerPaused: true });
});

describe('MIG-2, MIG-3: a STOPPED QP', () => {
  const REQUESTS: readonly (readonly [string, OpcodeName, number])[] = [
    ['the expected request', 'RC_SEND_ONLY', 101],
    ['a duplicate', 'RC_SEND_ONLY', 100],
    ['a request ahead', 'RC_SEND_ONLY', 109],
    ['a READ', 'RC_READ_REQUEST', 101],
    ['a resume', 'RC_RESUME', 3],
  ];
  test.each(REQUESTS)(
    'MIG-2, MIG-20: %s is answered with NAK_STOPPED of the expected PSN and changes nothing',
    (_name, opcode, psn) => {
      const lone = new Lone();
      lone.recv(1);
      lone.recv(2);
      lone.get('RC_SEND_ONLY', 100);
      stopped(lone);
      const before = captureQp(lone.qp, 0);
      lone.get(opcode, psn, { ackReq: true });
      const [answer, ...more] = lone.sent();
      expect(answer).toMatchObject({ opcode: 'RC_ACKNOWLEDGE', psn: 101, msn: 1, syndrome: { value: 0x65 } });
      expect(more).toEqual([]);
      expect(captureQp(lone.qp, 0)).toEqual(before);
    },
  );
  test.each(['RESET', 'INIT', 'ERR'] as const)('MIG-2: in %s it is silent', (state) => {
    const lone = new Lone();
    lone.qp.engine.state = state;
    stopped(lone);
    expect(lone.exchange('RC_SEND_ONLY', 100)).toEqual([]);
  });
  test('MIG-3, MIG-13: it sends nothing, takes no response, lets no timer fire and stays STOPPED', () => {
    const lone = new Lone();
    lone.send({ wrId: 1, opcode: 'SEND' });
    unwrap(postSend(lone.qp, { wrId: 2, opcode: 'SEND' }));
    stopped(lone);
    const before = captureQp(lone.qp, 0);
    expect(lone.pass(1e10)).toEqual([]);
    for (const syndrome of [ack(), nak('PSN_SEQUENCE_ERROR'), nak('STOPPED'), rnrNak(1)]) {
      expect(lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome })).toEqual([]);
    }
    expect(captureQp(lone.qp, lone.now)).toEqual(before);
    expect([phase(lone), lone.nic.counters.drops.QP_STOPPED]).toEqual(['STOPPED', 4]);
  });
  test('MIG-3: the rest of a READ response is not sent', () => {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, { va: BigInt(lone.mr.addr), rkey: rkey(lone.mr.rkey), dmaLength: 256 * 100 });
    lone.sent();
    stopped(lone);
    expect(lone.pass(1000)).toEqual([]);
    resumeContext(lone.context, lone.now);
    expect(lone.pass(1000)).toEqual(['RESUME 100']);
  });
});

describe('MIG-4, MIG-5, MIG-6, MIG-7, MIG-8, MIG-9: a PAUSED QP', () => {
  test('MIG-4, MIG-5: NAK_STOPPED makes a requester PAUSED and acknowledges nothing', () => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    expect(pausedBy(lone, 102)).toEqual([]);
    expect([phase(lone), lone.state, lone.done()]).toEqual(['PAUSED', 'RTS', []]);
  });
  test.each(['RTR', 'ERR'] as const)('MIG-4: in %s it is ignored', (state) => {
    const lone = new Lone({ state: state === 'RTR' ? 'RTR' : 'RTS' });
    lone.qp.engine.state = state;
    pausedBy(lone);
    expect(phase(lone)).toBe('RUNNING');
  });
  test('RC-21: NAK_STOPPED of a PSN that has been acknowledged since is from before, and dropped', () => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
    pausedBy(lone, 100);
    expect(phase(lone)).toBe('RUNNING');
    expect(lone.nic.counters.drops.OUTSIDE_WINDOW).toBe(1);
    pausedBy(lone, 101);
    expect(phase(lone)).toBe('PAUSED');
  });
  test('MIG-6, MIG-7: it sends no request, lets no timer run, counts no retry, and still takes ACKs', () => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    pausedBy(lone);
    const retries = (): number => engine(lone).completer.retryCnt;
    const before = retries();
    expect(lone.pass(ACK_TIMEOUT * 20)).toEqual([]);
    expect(retries()).toBe(before);
    expect(lone.exchange('RC_ACKNOWLEDGE', 101, { syndrome: nak('PSN_SEQUENCE_ERROR') })).toEqual([]);
    expect(lone.pass(ACK_TIMEOUT * 20)).toEqual([]);
    expect(lone.send({ wrId: 3, opcode: 'SEND' })).toEqual([]);
    expect([retries(), lone.done()]).toEqual([before, ['1 SUCCESS']]);
    expect(lone.exchange('RC_ACKNOWLEDGE', 101, { syndrome: ack() })).toEqual([]);
    expect(lone.done()).toEqual(['2 SUCCESS']);
    expect(lone.pass(ACK_TIMEOUT * 20)).toEqual([]);
  });
  test('MIG-8: it executes and answers requests', () => {
    const lone = new Lone();
    lone.recv(1);
    pausedBy(lone);
    expect(lone.exchange('RC_SEND_ONLY', 100, { ackReq: true })).toEqual(['ACK 100']);
    expect(lone.done()).toEqual(['1 SUCCESS']);
  });
  test('MIG-9: NAK_STOPPED from another address is ignored', () => {
    const lone = new Lone();
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: nak('STOPPED') }, MOVED);
    expect(phase(lone)).toBe('RUNNING');
  });
});

describe('MIG-17, MIG-18, MIG-19: the receiver of resume', () => {
  test('MIG-17, MIG-18, MIG-19, MIG-20: it takes the address, answers with its last PSN, and sends again from the oldest unacknowledged one', () => {
    const lone = new Lone();
    lone.recv(9);
    lone.get('RC_SEND_ONLY', 100);
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    pausedBy(lone);
    expect(resumedBy(lone)).toEqual(['ACK 100', 'SEND_ONLY 100', 'SEND_ONLY 101']);
    expect([phase(lone), lone.qp.engine.path?.destination, unwrap(queryQp(lone.qp)).ahAttr?.dgid]).toEqual([
      'RUNNING',
      MOVED,
      MOVED,
    ]);
    expect(lone.done()).toEqual(['9 SUCCESS']);
  });
  test('MIG-17: packets of the old address are dropped from then on', () => {
    const lone = new Lone();
    lone.recv(1);
    resumedBy(lone);
    expect(lone.exchange('RC_SEND_ONLY', 100, { ackReq: true })).toEqual([]);
    expect(lone.nic.counters.drops.WRONG_SOURCE).toBe(1);
  });
  test('MIG-17: in RTR too', () => {
    const lone = new Lone({ state: 'RTR' });
    expect(resumedBy(lone)).toEqual(['ACK 99']);
    expect(lone.qp.engine.path?.destination).toBe(MOVED);
  });
  test('MIG-17, RC-52: a gap that was NAKed before the move is NAKed again after it', () => {
    const lone = new Lone();
    expect(lone.exchange('RC_SEND_ONLY', 103)).toEqual(['PSN_SEQUENCE_ERROR 100']);
    expect(resumedBy(lone, PEER)).toEqual(['ACK 99']);
    expect([103, 104].flatMap((psn) => lone.exchange('RC_SEND_ONLY', psn))).toEqual(['PSN_SEQUENCE_ERROR 100']);
  });
  test.each(['INIT', 'ERR'] as const)('MIG-17: in %s it is dropped', (state) => {
    const lone = new Lone();
    lone.qp.engine.state = state;
    expect(resumedBy(lone)).toEqual([]);
    expect(lone.qp.engine.path?.destination).toBe(PEER);
  });
  test('MIG-19: a resume costs no retry', () => {
    const lone = new Lone({ rts: { retryCnt: 0 } });
    lone.send({ wrId: 1, opcode: 'SEND' });
    for (let i = 0; i < 5; i++) expect(resumedBy(lone)).toEqual(['ACK 99', 'SEND_ONLY 100']);
    expect(lone.done()).toEqual([]);
  });
});

describe('MIG-14, MIG-15, MIG-16: a QP that resumes', () => {
  const resuming = (): Lone => {
    const lone = new Lone();
    for (const wrId of [1, 2]) lone.send({ wrId, opcode: 'SEND' });
    lone.get('RC_ACKNOWLEDGE', 100, { syndrome: ack() });
    lone.done();
    stopped(lone);
    resumeContext(lone.context, lone.now);
    return lone;
  };
  test('MIG-14, MIG-20: it says so, with its first unacknowledged PSN', () => {
    const lone = resuming();
    expect(lone.sent()).toMatchObject([{ opcode: 'RC_RESUME', psn: 101, ackReq: true }]);
  });
  test('MIG-15: until it is answered it sends no other request, but answers the peer’s', () => {
    const lone = resuming();
    lone.sent();
    lone.recv(9);
    expect(lone.send({ wrId: 3, opcode: 'SEND' })).toEqual([]);
    expect(lone.exchange('RC_SEND_ONLY', 100, { ackReq: true })).toEqual(['ACK 100']);
  });
  test('MIG-16: it repeats it each ACK timeout, for ever, at no cost', () => {
    const lone = resuming();
    lone.sent();
    const { retryCnt } = engine(lone).completer;
    const said = lone.pass(ACK_TIMEOUT * 30 + 5);
    expect(said).toEqual(Array(30).fill('RESUME 101'));
    expect(engine(lone).completer.retryCnt).toBe(retryCnt);
  });
  test('MIG-16: without an ACK timeout it repeats it too', () => {
    const lone = new Lone({ rts: { timeout: 0 } });
    stopped(lone);
    resumeContext(lone.context, 0);
    lone.sent();
    expect(lone.pass(1e9).length).toBeGreaterThan(5);
  });
  test('MIG-19: the answer, an ACK of the peer’s last PSN, completes nothing that was not executed; what is missing is sent again', () => {
    const lone = resuming();
    lone.sent();
    expect(lone.exchange('RC_ACKNOWLEDGE', 100, { syndrome: ack() })).toEqual(['SEND_ONLY 101']);
    expect(lone.done()).toEqual([]);
  });
  test('MIG-19: an answer that acknowledges more completes it', () => {
    const lone = resuming();
    lone.sent();
    expect(lone.exchange('RC_ACKNOWLEDGE', 101, { syndrome: ack() })).toEqual([]);
    expect(lone.done()).toEqual(['2 SUCCESS']);
  });
  test('MIG-14: in RTR it says so too, and the answer ends it', () => {
    const lone = new Lone({ state: 'RTR' });
    stopped(lone);
    resumeContext(lone.context, 0);
    expect(lone.said()).toEqual(['RESUME 0']);
    lone.get('RC_ACKNOWLEDGE', 0xffffff, { syndrome: ack() });
    expect(lone.pass(1e10)).toEqual([]);
  });
  test('MIG-4, QP-33: in RTR NAK_STOPPED does not pause it, even of the PSN at which it will begin', () => {
    const lone = new Lone({ state: 'RTR' });
    stopped(lone);
    resumeContext(lone.context, 0);
    lone.sent();
    pausedBy(lone, 0);
    expect([phase(lone), lone.nic.counters.drops.QP_STATE]).toEqual(['RUNNING', 1]);
    expect(lone.pass(1e10).length).toBeGreaterThan(1);
  });
  test('MIG-6, MIG-14: a copy whose peer was paused when it stopped says so once and stays PAUSED', () => {
    const lone = new Lone();
    lone.send({ wrId: 1, opcode: 'SEND' });
    pausedBy(lone);
    stopped(lone);
    resumeContext(lone.context, 0);
    expect([lone.said(), phase(lone)]).toEqual([['RESUME 100'], 'PAUSED']);
    expect(lone.pass(ACK_TIMEOUT * 5)).toEqual([]);
  });
  test('MIG-15, MIG-17: a resume that crosses its own is answered, and its own said again to the new address at once', () => {
    const lone = resuming();
    lone.sent();
    expect(resumedBy(lone)).toEqual(['ACK 99', 'RESUME 101']);
    expect(lone.qp.engine.path?.destination).toBe(MOVED);
  });
  test.each(['ERR', 'RESET'] as const)('MIG-23: in %s it stops repeating it, and a PAUSED QP being PAUSED', (state) => {
    const lone = resuming();
    lone.sent();
    unwrap(modifyQp(lone.qp, { qpState: state }));
    expect(lone.pass(ACK_TIMEOUT * 5)).toEqual([]);
    const paused = new Lone();
    pausedBy(paused);
    unwrap(modifyQp(paused.qp, { qpState: state }));
    expect(phase(paused)).toBe('RUNNING');
  });
  test.each(['INIT', 'ERR'] as const)('MIG-14: in %s it has no peer to tell', (state) => {
    const lone = new Lone();
    lone.qp.engine.state = state;
    stopped(lone);
    resumeContext(lone.context, 0);
    expect(lone.said()).toEqual([]);
  });
});
