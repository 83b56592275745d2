// What is kept at hand for the next packet is never what has gone.
import { expect, test } from 'vitest';
import { allocPd, createCq, createQp, destroyQp, ip, Nic, unwrap } from '../../impl/index.ts';
import { KeyTable } from '../../impl/memory/key-table.ts';
import type { MemoryRegion } from '../../impl/memory/region.ts';
import { Views } from '../../impl/memory/views.ts';

const region = (rkey: number): MemoryRegion => {
  const bytes = new Uint8Array(8);
  const place = { handle: rkey, pd: 1, addr: 0, length: 8, access: 15, lkey: rkey, rkey, windows: 0 };
  return { kind: 'MR', ...place, bytes, views: new Views(bytes) };
};

test('VRB-4: a key that was found a moment ago opens nothing once its region is gone', () => {
  const keys = new KeyTable();
  const [old, far] = [region(0x501), region(0x501 + 256 * 256)];
  keys.add(old);
  keys.add(far);
  for (const each of [old, far, old]) expect(keys.find(each.rkey)).toBe(each);
  keys.remove(old);
  expect(keys.find(old.rkey)).toBeUndefined();
  const next = region(0x502);
  keys.add(next);
  expect([keys.find(old.rkey), keys.find(next.rkey), keys.find(far.rkey)]).toEqual([undefined, next, far]);
});

test('RC-80: a QPN that was found a moment ago is unknown once its QP is gone', () => {
  const nic = new Nic({ addresses: [ip('10.0.0.1')] }, { transmit: () => {}, wakeAt: () => {} });
  const context = nic.open();
  const pd = unwrap(allocPd(context));
  const cq = unwrap(createCq(context, { cqe: 16 }));
  const cap = { maxSendWr: 1, maxRecvWr: 1 };
  const qps = Array.from({ length: 300 }, () => unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap })));
  for (const qp of qps) expect(nic.qp(qp.qpNum)).toBe(qp.engine);
  for (const qp of qps) {
    expect(nic.qp(qp.qpNum)).toBe(qp.engine);
    unwrap(destroyQp(qp));
    expect(nic.qp(qp.qpNum)).toBeUndefined();
  }
});
