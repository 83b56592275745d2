// Chapter 40: memory windows and invalidation.
import { describe, expect, test } from 'vitest';
import {
  ACCESS,
  allocMw,
  allocPd,
  bindMw,
  deallocMw,
  deregMr,
  incRkey,
  type MwBindInfo,
  regMr,
  unwrap,
} from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { Lone, type LoneConfig } from './lone.ts';

const BINDABLE: LoneConfig = { access: 15 | ACCESS.MW_BIND };
const info = (lone: Lone, more: Partial<MwBindInfo> = {}): MwBindInfo => ({
  mr: lone.mr.handle,
  addr: lone.mr.addr + 64,
  length: 64,
  access: ACCESS.REMOTE_READ,
  ...more,
});
/** What the device answers to a READ through a key. */
const reads = (lone: Lone, psn: number, key: number, offset: number, length: number): readonly string[] =>
  lone.exchange('RC_READ_REQUEST', psn, { va: BigInt(lone.mr.addr + offset), rkey: rkey(key), dmaLength: length });

describe('VRB-50, VRB-51: windows of type 1', () => {
  test('VRB-50: a binding gives a new key and ends the old one', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    const first = unwrap(bindMw(mw, info(lone)));
    expect(reads(lone, 100, first, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
    const second = unwrap(bindMw(mw, info(lone)));
    expect(second).toBe(incRkey(first));
    expect(reads(lone, 101, second, 64, 64)).toEqual(['READ_RESPONSE_ONLY 101']);
    expect(reads(lone, 102, first, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 102']);
  });
  test.each([
    [63, 64],
    [64, 65],
  ])('VRB-51: it opens its range and no byte more (%d, %d)', (offset, length) => {
    const lone = new Lone(BINDABLE);
    const key = unwrap(bindMw(unwrap(allocMw(lone.pd, 1)), info(lone)));
    expect(reads(lone, 100, key, offset, length)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('VRB-51: a binding that the region does not carry is refused and changes nothing', () => {
    const lone = new Lone({ access: ACCESS.LOCAL_WRITE | ACCESS.REMOTE_READ | ACCESS.MW_BIND });
    const mw = unwrap(allocMw(lone.pd, 1));
    const plain = unwrap(regMr(lone.pd, new Uint8Array(64), ACCESS.LOCAL_WRITE));
    const foreign = unwrap(
      regMr(unwrap(allocPd(lone.context)), new Uint8Array(64), ACCESS.MW_BIND | ACCESS.REMOTE_READ),
    );
    for (const wrong of [
      info(lone, { access: ACCESS.REMOTE_WRITE }),
      info(lone, { length: 65536 }),
      info(lone, { mr: 999 }),
      { mr: plain.handle, addr: plain.addr, length: 8, access: 0 },
      { mr: foreign.handle, addr: foreign.addr, length: 8, access: ACCESS.REMOTE_READ },
    ]) {
      expect(bindMw(mw, wrong)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
    }
    expect(mw.window.binding).toBeUndefined();
    expect(bindMw(unwrap(allocMw(lone.pd, 2)), info(lone))).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
  });
  test('VRB-4: a region with a window cannot be deregistered', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 1));
    unwrap(bindMw(mw, info(lone)));
    expect(deregMr(lone.mr)).toMatchObject({ ok: false, error: { errno: 'EBUSY' } });
    unwrap(deallocMw(mw));
    expect(deregMr(lone.mr).ok).toBe(true);
  });
});

describe('VRB-52, VRB-53: windows of type 2', () => {
  const bound = () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 2));
    const key = incRkey(mw.window.rkey);
    lone.send({ wrId: 1, opcode: 'BIND_MW', mw: mw.handle, rkey: key, bind: info(lone) });
    expect(lone.done()).toEqual(['1 SUCCESS']);
    return { lone, mw, key };
  };
  test('VRB-52: it opens memory to peers of its QP', () => {
    const { lone, key } = bound();
    expect(reads(lone, 100, key, 64, 64)).toEqual(['READ_RESPONSE_ONLY 100']);
  });
  test('VRB-52: it opens nothing to peers of another QP', () => {
    const { lone, mw, key } = bound();
    if (mw.window.binding === undefined) throw new Error('bound');
    mw.window.binding = { ...mw.window.binding, qpn: lone.qp.qpNum + 1 };
    expect(reads(lone, 100, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('VRB-51: a binding that is not possible fails the work request', () => {
    const lone = new Lone(BINDABLE);
    const mw = unwrap(allocMw(lone.pd, 2));
    lone.send({ wrId: 1, opcode: 'BIND_MW', mw: mw.handle, rkey: mw.window.rkey ^ 0x100, bind: info(lone) });
    expect(lone.done()).toEqual(['1 MW_BIND_ERR']);
  });
  test('VRB-53: LOCAL_INV ends what it opens', () => {
    const { lone, key } = bound();
    lone.send({ wrId: 2, opcode: 'LOCAL_INV', invalidateRkey: key });
    expect(lone.done()).toEqual(['2 SUCCESS']);
    expect(reads(lone, 100, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 100']);
  });
  test('VRB-53: so does the peer’s SEND, whose completion says so', () => {
    const { lone, key } = bound();
    lone.recv(5);
    lone.get('RC_SEND_ONLY_WITH_INV', 100, { invalidateRkey: rkey(key) });
    expect(lone.wcs()).toMatchObject([{ wrId: 5, status: 'SUCCESS', invalidatedRkey: key }]);
    expect(reads(lone, 101, key, 64, 64)).toEqual(['REMOTE_ACCESS_ERROR 101']);
  });
});
