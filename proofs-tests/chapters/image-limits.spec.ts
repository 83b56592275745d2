// Chapter 60: whatever a peer or the consumer has done, the context can be dumped and its image read.
import { expect, test } from 'vitest';
import { ACCESS, allocMw, bindMw, modifyQp, unwrap } from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { captureQp, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { Lone } from './lone.ts';
import { REMOTE, read, to } from './rc-stage.ts';

/** Whether the context comes through a file; why not, if it does not. */
const imageOf = ({ context }: Lone): string => {
  stopContext(context, 0);
  const image = readImage(Buffer.concat(writeImage(unwrap(dump(context)))));
  return image.ok ? 'read' : `${image.error.rule} ${image.error.place}`;
};

const resourcesOf = ({ qp }: Lone): readonly unknown[] => {
  const data = captureQp(qp, 0);
  return data.type === 'RC' ? data.responder.resources : [];
};

test('IMG-14, RC-67: a READ of no bytes may name any address, is kept for its duplicate, and is in the image', () => {
  for (const va of [0n, 2n ** 53n, 2n ** 64n - 1n]) {
    const lone = new Lone();
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 0, { va }));
    lone.get('RC_READ_REQUEST', 100, to(lone, 0, 0, { va }));
    lone.nic.tick(0);
    expect(lone.said()).toEqual(['READ_RESPONSE_ONLY 100', 'READ_RESPONSE_ONLY 100']);
    expect(imageOf(lone)).toBe('read');
  }
});

test('RC-58, IMG-7: a lower MAX_DEST_RD_ATOMIC lets the oldest kept requests go at once', () => {
  const lone = new Lone();
  for (let i = 0; i < 4; i++) lone.get('RC_READ_REQUEST', 100 + i, to(lone, 0, 8));
  lone.nic.tick(0);
  lone.said();
  unwrap(modifyQp(lone.qp, { qpState: 'SQD' }));
  unwrap(modifyQp(lone.qp, { maxDestRdAtomic: 1 }));
  expect(resourcesOf(lone)).toMatchObject([{ firstPsn: 103 }]);
  lone.get('RC_READ_REQUEST', 102, to(lone, 0, 8));
  lone.get('RC_READ_REQUEST', 103, to(lone, 0, 8));
  lone.nic.tick(0);
  expect(lone.said()).toEqual(['READ_RESPONSE_ONLY 103']);
  expect(imageOf(lone)).toBe('read');
});

test('IMG-14: work of the greatest lengths and numbers is in the image', () => {
  const lone = new Lone();
  const great = { length: 2 ** 31, bytes: new Uint8Array(2 ** 31) };
  const { region } = lone.mr;
  Object.assign(region, great);
  read(lone, 2 ** 53 - 1, 2 ** 31);
  const sgList = [lone.piece(0, 8)];
  const most = 2n ** 64n - 1n;
  const operands = { compareAdd: most, swap: most, remoteAddr: most, rkey: 2 ** 32 - 1 };
  lone.send({ wrId: 1, opcode: 'ATOMIC_CMP_AND_SWP', sgList, ...operands });
  lone.send({ wrId: 2, opcode: 'SEND_WITH_IMM', imm: 2 ** 32 - 1 });
  lone.send({ wrId: 3, opcode: 'FLUSH', length: 2 ** 31, placement: 'PERSISTENT', selectivity: 'MR', ...REMOTE });
  lone.get('RC_READ_REQUEST', 100, to(lone, 0, 2 ** 31));
  // What is written is a file of small regions.
  Object.assign(region, { length: 65536, bytes: lone.bytes });
  expect(imageOf(lone)).toBe('read');
});

test.each([
  ['begins before', -1, 8],
  ['ends behind', 0, 65537],
])('IMG-7: a window that %s its region is refused', (_, offset, length) => {
  const lone = new Lone({ access: ACCESS.LOCAL_WRITE | ACCESS.MW_BIND });
  const bind = { mr: lone.mr, addr: lone.mr.addr, length: 8, access: ACCESS.REMOTE_WRITE };
  unwrap(bindMw(lone.qp, unwrap(allocMw(lone.pd, 1)), { wrId: 1, bind }));
  lone.nic.tick(0);
  expect(imageOf(lone)).toBe('read');
  const { objects, memory } = unwrap(dump(lone.context));
  const mws = objects.mws.map((mw) =>
    mw.binding === undefined ? mw : { ...mw, binding: { ...mw.binding, addr: mw.binding.addr + offset, length } },
  );
  const file = Buffer.concat(writeImage({ objects: { ...objects, mws }, memory }));
  expect(readImage(file)).toMatchObject({ ok: false, error: { rule: 'IMG-7', place: 'image.mws[0].binding' } });
});
