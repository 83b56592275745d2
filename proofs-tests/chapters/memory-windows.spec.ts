// Chapter 40: memory windows and invalidation.
import { describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocMw,
  allocPd,
  bindMw,
  createQp,
  deallocMw,
  deregMr,
  destroyQp,
  incRkey,
  type Mw,
  type MwBindInfo,
  modifyQp,
  postSend,
  regMr,
  type SendWr,
  unwrap,
} from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { FIRST, Lone, type LoneConfig } from './lone.ts';

/** The region is not open to peers: the windows are. */
const BINDABLE: LoneConfig = { access: ACCESS.LOCAL_WRITE | ACCESS.MW_BIND };
const info = (lone: Lone, more: Partial<MwBindInfo> = {}): MwBindInfo => ({
  mr: lone.mr,
  addr: lone.mr.addr + 64,
  length: 64,
  access: ACCESS.REMOTE_READ,
  ...more,
});
/** What the device answers to a READ through a key. */
const reads = (lone: Lone, psn: number, key: number, offset: number, length: number): readonly string[] =>
  lone.exchange('RC_READ_REQUEST', psn, { va: BigInt(lone.mr.addr + offset), rkey: rkey(key), dmaLength: length });

/** Binds by way of the send queue, and lets the device have its turn. */
const binds = (lone: Lone, wrId: number, mw: Mw, bind = info(lone)): number => {
  const key = unwrap(bindMw(lone.qp, mw, { wrId, bind, signaled: true }));
  lone.nic.tick(lone.now);
  return key;
};

describe('VRB-50: windows of type 1', () => {
  test('VRB-50: a binding gives a new key and ends the old one', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const first = binds(lone, 1, mw);
    expect(reads(lone, 100, first, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
    const second = binds(lone, 2, mw);
    expect(second).toBe(incRkey(first));
    expect(mw.rkey).toBe(second);
    expect(lone.wcs()).toMatchObject([
      { wrId: 1, status: 'SUCCESS', opcode: 'BIND_MW' },
      { wrId: 2, status: 'SUCCESS', opcode: 'BIND_MW' },
    ]);
    expect(reads(lone, 101, second, 64, 64)).toEqual(['READ_RESPONSE_ONLY 101']);
    expect(reads(lone, 102, first, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 102']);
  });
  test('VRB-50: it waits for earlier work, and later work for it', () => {
    const lone = new Lone(BINDABLE);
    expect(lone.send({ wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 8)] })).toEqual([`SEND_ONLY ${FIRST}`]);
    const mw = unwrap(allocMw(lone.pd, 1));
    const old = mw.rkey;
    const keys = [binds(lone, 2, mw), binds(lone, 3, mw)];
    expect(keys).toEqual([incRkey(old), incRkey(incRkey(old))]);
    expect(lone.send({ wrId: 4, opcode: 'SEND', sgList: [lone.piece(0, 8)] })).toEqual([]);
    expect(mw.window).toMatchObject({ rkey: old, binding: undefined });
    expect(lone.exchange('RC_ACKNOWLEDGE', FIRST)).toEqual([`SEND_ONLY ${FIRST + 1}`]);
    expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS', '3 SUCCESS']);
    expect(mw.window).toMatchObject({ rkey: keys[1], binding: { length: 64 } });
  });
  test('VRB-50: length 0 closes it, and needs no region', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const open = binds(lone, 1, mw);
    const closed = binds(lone, 2, mw, { addr: 0, length: 0, access: 0 });
    expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
    expect(lone.mr.region.windows).toBe(0);
    expect(reads(lone, 100, closed, 64, 1)).toEqual(['REMOTE_ACCESS_ERROR 100']);
    expect(open).not.toBe(closed);
  });
  test('VRB-50: unsignalled it is silent, and it takes a place in the queue', () => {
    const lone = new Lone({ ...BINDABLE, init: { cap: { maxSendWr: 1 } } });
    const mw = unwrap(allocMw(lone.pd, 1));
    const key = unwrap(bindMw(lone.qp, mw, { wrId: 1, bind: info(lone) }));
    expect(bindMw(lone.qp, mw, { wrId: 2, bind: info(lone) })).toMatchObject({ ok: false, error: { errno: 'ENOMEM' } });
    expect(mw.rkey).toBe(key);
    lone.nic.tick(0);
    expect(lone.done()).toEqual([]);
    expect(mw.window.rkey).toBe(key);
  });
  test('VRB-50: in ERR it is flushed and opens nothing', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    unwrap(bindMw(lone.qp, mw, { wrId: 1, bind: info(lone) }));
    unwrap(modifyQp(lone.qp, { qpState: 'ERR' }));
    binds(lone, 2, mw);
    expect(lone.done()).toEqual(['1 WR_FLUSH_ERR', '2 WR_FLUSH_ERR']);
    expect(mw.window.binding).toBeUndefined();
  });
  test('VRB-50: in SQD it waits', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
    binds(lone, 1, mw);
    expect(lone.done()).toEqual([]);
    unwrap(modifyQp(lone.qp, { qpState: 'RTS' }));
    lone.nic.tick(0);
    expect(lone.done()).toEqual(['1 SUCCESS']);
  });
  test('VRB-50: a UC QP binds too, a UD QP does not', () => {
    const uc = new Lone({ ...BINDABLE, qpType: 'UC' });
    const mw = unwrap(allocMw(uc.pd, 1));
    binds(uc, 1, mw);
    expect(uc.done()).toEqual(['1 SUCCESS']);
    const ud = new Lone({ ...BINDABLE, qpType: 'UD' });
    const other = unwrap(allocMw(ud.pd, 1));
    expect(bindMw(ud.qp, other, { wrId: 1, bind: info(ud) })).toMatchObject({ error: { errno: 'EINVAL' } });
  });
  test('VRB-4: a region with a window cannot be deregistered', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    binds(lone, 1, mw);
    expect(deregMr(lone.mr)).toMatchObject({ ok: false, error: { errno: 'EBUSY' } });
    unwrap(deallocMw(mw));
    expect(deregMr(lone.mr).ok).toBe(true);
  });
});

describe('VRB-51, VRB-55: what a binding needs', () => {
  test.each([
    [63, 64],
    [64, 65],
  ])('VRB-51: it opens its range and no byte more (%d, %d)', (offset, length) => {
    const lone = new Lone(BINDABLE);
    const key = binds(lone, 1, unwrap(allocMw(lone.pd, 1)));
    expect(reads(lone, 100, key, offset, length)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('VRB-51: it lets a peer do what the region itself does not', () => {
    const lone = new Lone(BINDABLE);
    const key = binds(lone, 1, unwrap(allocMw(lone.pd, 1)));
    expect(reads(lone, 100, key, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
    expect(reads(lone, 101, lone.mr.rkey, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 101']);
  });
  test('VRB-51: it does not let a peer do more than was asked for', () => {
    const lone = new Lone(BINDABLE);
    const key = binds(lone, 1, unwrap(allocMw(lone.pd, 1)));
    const remote = { va: BigInt(lone.mr.addr + 64), rkey: rkey(key), dmaLength: 1, payload: Uint8Array.of(1) };
    expect(lone.exchange('RC_WRITE_ONLY', 100, remote)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });

  const READ_ONLY = ACCESS.MW_BIND | ACCESS.REMOTE_READ;
  const small = (lone: Lone, access: number): MwBindInfo => {
    const mr = unwrap(regMr(lone.pd, new Uint8Array(64), access));
    return { mr, addr: mr.addr, length: 8, access: ACCESS.REMOTE_READ };
  };
  const WRONG: readonly (readonly [string, (lone: Lone) => MwBindInfo])[] = [
    ['a range beyond the region', (lone) => info(lone, { length: 65536 })],
    ['a range before the region', (lone) => info(lone, { addr: lone.mr.addr - 1 })],
    ['a region without MW_BIND', (lone) => small(lone, ACCESS.LOCAL_WRITE)],
    ['remote write without local write', (lone) => ({ ...small(lone, READ_ONLY), access: ACCESS.REMOTE_WRITE })],
    ['remote atomic without local write', (lone) => ({ ...small(lone, READ_ONLY), access: ACCESS.REMOTE_ATOMIC })],
  ];
  test.each(WRONG)('VRB-51: %s fails the work request', (_, wrong) => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const before = mw.window.rkey;
    binds(lone, 1, mw, wrong(lone));
    expect(lone.done()).toEqual(['1 MW_BIND_ERR']);
    expect(lone.state).toBe('ERR');
    expect(mw.window).toMatchObject({ rkey: before, binding: undefined });
  });
  test('VRB-51: a region that has gone when the turn comes fails the work request', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    unwrap(bindMw(lone.qp, mw, { wrId: 1, bind: info(lone) }));
    unwrap(deregMr(lone.mr));
    lone.nic.tick(0);
    expect(lone.done()).toEqual(['1 MW_BIND_ERR']);
  });
  test('VRB-51: so does a window that has gone, and a QP of another protection domain', () => {
    const gone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(gone.pd, 1));
    unwrap(bindMw(gone.qp, mw, { wrId: 1, bind: info(gone) }));
    unwrap(deallocMw(mw));
    gone.nic.tick(0);
    expect(gone.done()).toEqual(['1 MW_BIND_ERR']);
    const lone = new Lone(BINDABLE);
    const pd = unwrap(allocPd(lone.context));
    const mr = unwrap(regMr(pd, new Uint8Array(64), ACCESS.MW_BIND));
    const bind = { mr, addr: mr.addr, length: 8, access: ACCESS.REMOTE_READ };
    binds(lone, 1, unwrap(allocMw(pd, 1)), bind);
    expect(lone.done()).toEqual(['1 MW_BIND_ERR']);
    const other = new Lone(BINDABLE);
    const foreign = unwrap(regMr(unwrap(allocPd(other.context)), new Uint8Array(64), ACCESS.MW_BIND));
    const two = unwrap(allocMw(other.pd, 2));
    other.send({
      wrId: 2,
      opcode: 'BIND_MW',
      mw: two,
      rkey: two.rkey,
      bind: { ...bind, mr: foreign, addr: foreign.addr },
    });
    expect(other.done()).toEqual(['2 MW_BIND_ERR']);
  });
  test('VRB-55: what the call can judge is refused at once', () => {
    const lone = new Lone(BINDABLE);
    const [one, two] = [unwrap(allocMw(lone.pd, 1)), unwrap(allocMw(lone.pd, 2))];
    const before = one.rkey;
    const errno = (mw: Mw, bind: MwBindInfo): string => {
      const result = bindMw(lone.qp, mw, { wrId: 1, bind });
      return result.ok ? 'ok' : result.error.errno;
    };
    const foreign = unwrap(regMr(unwrap(allocPd(lone.context)), new Uint8Array(64), ACCESS.MW_BIND));
    expect(errno(one, { mr: foreign, addr: foreign.addr, length: 8, access: 0 })).toBe('EPERM');
    expect(errno(two, info(lone))).toBe('EINVAL');
    expect(errno(one, info(lone, { mr: { handle: 999 } }))).toBe('EINVAL');
    expect(errno(one, { addr: 0, length: 8, access: 0 })).toBe('EINVAL');
    expect(errno(one, info(lone, { access: ACCESS.LOCAL_WRITE }))).toBe('EINVAL');
    for (const length of [-1, 0.5, Number.NaN, 2 ** 53]) expect(errno(one, info(lone, { length }))).toBe('EINVAL');
    const post = (mw: { readonly handle: number }) =>
      postSend(lone.qp, { wrId: 1, opcode: 'BIND_MW', mw, rkey: 1, bind: info(lone) });
    expect(post(one)).toMatchObject({ error: { errno: 'EINVAL' } });
    expect(post({ handle: 999 })).toMatchObject({ error: { errno: 'EINVAL' } });
    expect(lone.qp.engine.sq.empty).toBe(true);
    expect(one.rkey).toBe(before);
  });
});

describe('VRB-52, VRB-53, VRB-54, VRB-56: windows of type 2', () => {
  const bindWr = (lone: Lone, wrId: number, mw: Mw, bind = info(lone)): SendWr => {
    return { wrId, opcode: 'BIND_MW', mw, rkey: incRkey(mw.rkey), bind };
  };
  const bound = () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 2));
    lone.send(bindWr(lone, 1, mw));
    expect(lone.done()).toEqual(['1 SUCCESS']);
    return { lone, mw, key: mw.rkey };
  };
  test('VRB-52: it opens memory to peers of its QP', () => {
    const { lone, mw, key } = bound();
    expect(mw.window.rkey).toBe(key);
    expect(reads(lone, 100, key, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
  });
  test('VRB-52: it opens nothing to peers of another QP', () => {
    const { lone, mw, key } = bound();
    if (mw.window.binding === undefined) throw new Error('bound');
    mw.window.binding = { ...mw.window.binding, qpn: lone.qp.qpNum + 1 };
    expect(reads(lone, 100, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('VRB-51: a key of another index fails the work request', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 2));
    lone.send({ wrId: 1, opcode: 'BIND_MW', mw, rkey: mw.rkey ^ 0x100, bind: info(lone) });
    expect(lone.done()).toEqual(['1 MW_BIND_ERR']);
  });
  test('VRB-54: bound, it cannot be bound again, nor unbound by length 0', () => {
    const { lone, mw, key } = bound();
    lone.send(bindWr(lone, 2, mw));
    expect(lone.done()).toEqual(['2 MW_BIND_ERR']);
    expect(mw.window).toMatchObject({ rkey: key, binding: { length: 64 } });
    const fresh = new Lone(BINDABLE);
    fresh.send(bindWr(fresh, 1, unwrap(allocMw(fresh.pd, 2)), info(fresh, { length: 0 })));
    expect(fresh.done()).toEqual(['1 MW_BIND_ERR']);
  });
  test('VRB-53: LOCAL_INV ends what it opens; it can be bound again', () => {
    const { lone, mw, key } = bound();
    lone.send({ wrId: 2, opcode: 'LOCAL_INV', invalidateRkey: key });
    lone.send(bindWr(lone, 3, mw));
    expect(lone.done()).toEqual(['2 SUCCESS', '3 SUCCESS']);
    expect(reads(lone, 100, mw.rkey, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
    expect(reads(lone, 101, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 101']);
  });
  test('VRB-53: so does the peer’s SEND, whose completion says so', () => {
    const { lone, key } = bound();
    lone.recv(5);
    lone.get('RC_SEND_ONLY_WITH_INV', 100, { invalidateRkey: rkey(key) });
    expect(lone.wcs()).toMatchObject([{ wrId: 5, status: 'SUCCESS', invalidatedRkey: key }]);
    expect(reads(lone, 101, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 101']);
  });
  test('VRB-56: it ends with its QP, also for a QP that takes the number', () => {
    const { lone, mw } = bound();
    const { qpNum } = lone.qp;
    unwrap(destroyQp(lone.qp));
    expect(mw.window.binding).toBeUndefined();
    expect(lone.mr.region.windows).toBe(0);
    const { cq, pd } = lone;
    expect(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap: {}, qpNum }).ok).toBe(true);
  });
});
