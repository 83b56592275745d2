// Chapters 40, 60: memory that has left its region, at the device and in its image.
import { expect, test } from 'vitest';
import { postRecv, regMr, unwrap } from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { stopContext } from '../../impl/verbs/migrate-qp.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { bareNic } from './image-stage.ts';
import { Lone } from './lone.ts';
import { ALL_REMOTE, rcPair } from './pair.ts';
import { MTU, to } from './rc-stage.ts';

/** A buffer that can shrink. The types of ES2023 do not have it, the engine does. */
const shrinking = (length: number): { readonly bytes: Uint8Array; readonly shrink: (to: number) => void } => {
  const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [length, { maxByteLength: length }]);
  return { bytes: new Uint8Array(buffer), shrink: (to) => Reflect.get(buffer, 'resize').call(buffer, to) };
};

test('IMG-17, IMG-22: memory that is gone is not in the image, and is gone from the restored region', () => {
  const { a } = rcPair();
  const whole = new Uint8Array(50).fill(7);
  const { bytes, shrink } = shrinking(100);
  bytes.fill(8);
  const [gone, short, kept] = [whole, bytes, new Uint8Array(20).fill(9)].map((each) =>
    unwrap(regMr(a.pd, each, ALL_REMOTE)),
  );
  if (gone === undefined || short === undefined || kept === undefined) throw new Error('three regions were made');
  structuredClone(whole.buffer, { transfer: [whole.buffer] });
  shrink(30);
  stopContext(a.context, 0);
  const file = Buffer.concat(writeImage(unwrap(dump(a.context))));
  const read = readImage(file);
  if (!read.ok) throw new Error(read.error.message);
  const { objects, memory } = read.value;
  const at = (handle: number): number => objects.mrs.findIndex((mr) => mr.handle === handle);
  expect([gone, short, kept].map(({ handle }) => memory[at(handle)]?.length)).toEqual([0, 30, 20]);
  const nic = bareNic();
  const restored = unwrap(restore(nic, read.value, 0));
  expect(Buffer.concat(writeImage(unwrap(dump(restored)))).equals(file)).toBe(true);
  const pd = restored.pds.get(a.pd.handle)?.number ?? 0;
  const reaches = (rkey: number, addr: number, length: number): boolean =>
    nic.keys.remote(rkey, pd, 99, addr, length, 0) !== undefined;
  expect([
    reaches(gone.rkey, gone.addr, 1),
    reaches(short.rkey, short.addr, 30),
    reaches(short.rkey, short.addr + 29, 2),
    reaches(kept.rkey, kept.addr, 20),
  ]).toEqual([false, true, false, true]);
  expect([restored.mrs.get(gone.handle)?.length, restored.mrs.get(short.handle)?.length]).toEqual([50, 100]);
});

test('VRB-7, RC-68: a receive that loses its memory while a SEND fills it fails, and the sender is told', () => {
  const lone = new Lone();
  const bytes = new Uint8Array(4096);
  const mr = unwrap(regMr(lone.pd, bytes, ALL_REMOTE));
  unwrap(postRecv(lone.qp, { wrId: 1, sgList: [{ addr: mr.addr, length: 4096, lkey: mr.lkey }] }));
  lone.get('RC_SEND_FIRST', 100, { payload: MTU });
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  expect(lone.exchange('RC_SEND_MIDDLE', 101, { payload: MTU })).toEqual(['REMOTE_OPERATIONAL_ERROR 101']);
  expect([lone.done(), lone.state]).toEqual([['1 LOC_PROT_ERR'], 'ERR']);
});

test('VRB-7, RC-66: a READ whose memory goes while it is answered ends with NAK remote access error', () => {
  const lone = new Lone({ mtu: 256 });
  const length = 256 * 100;
  const bytes = new Uint8Array(length);
  const mr = unwrap(regMr(lone.pd, bytes, ALL_REMOTE));
  lone.get('RC_READ_REQUEST', 100, to(lone, mr.addr - lone.mr.addr, length, { rkey: rkey(mr.rkey) }));
  const before = lone.said();
  expect(before.at(-1)).toBe(`READ_RESPONSE_MIDDLE ${100 + before.length - 1}`);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  lone.nic.tick(0);
  expect(lone.said()).toEqual([`REMOTE_ACCESS_ERROR ${100 + before.length}`]);
  expect([lone.events(), lone.state]).toEqual([['QP_ACCESS_ERR'], 'ERR']);
});
