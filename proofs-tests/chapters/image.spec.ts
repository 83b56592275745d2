// Chapter 60, dump and restore.
import { fc, test as prop } from '@fast-check/vitest';
import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import { describe, expect, test } from 'vitest';
import {
  allocPd,
  type Context,
  createQp,
  deregMr,
  ip,
  type Nic,
  pollCq,
  queryQp,
  regMr,
  unwrap,
} from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { ENVELOPE, ENVELOPE_SIZE, seal, unseal } from '../../impl/migration/envelope.ts';
import { type Image, imageShape } from '../../impl/migration/image.ts';
import { readImage } from '../../impl/migration/image-file.ts';
import { recordsIn } from '../../impl/migration/record-shape.ts';
import { restore } from '../../impl/migration/restore.ts';
import { objectSizes } from '../../impl/migration/sizes.ts';
import { cell, numberCell, specTable } from '../trace/tables.ts';
import { bareNic, busyPair, fileOf, imageOf, read } from './image-stage.ts';
import { rcPair } from './pair.ts';

const KINDS = ['pds', 'channels', 'cqs', 'srqs', 'mrs', 'mws', 'ahs', 'qps'] as const;

/** Handles by kind. */
const handles = (of: Context): Record<string, readonly number[]> =>
  Object.fromEntries(KINDS.map((kind) => [kind, of[kind].list().map(({ handle }) => handle)]));

/** What a device has given away: QPNs and keys. */
const taken = (nic: Nic): string =>
  JSON.stringify([[...nic.qps].map(({ qpn }) => qpn), Array.from({ length: 300 }, (_, i) => nic.keys.taken(i << 8))]);

const { objects, memory } = read(fileOf(imageOf(busyPair().a.context)));

/** A file whose envelope and CBOR are right and whose objects are changed. */
const fileWith = (change: Partial<Image['objects']>): Buffer => fileOf({ objects: { ...objects, ...change }, memory });

/** A file whose envelope is right and whose metadata have another item at a path of positions. */
const fileWithItem = (path: readonly number[], item: unknown): Buffer => {
  const opened = unseal(fileWith({}));
  if (!opened.ok) throw new Error(opened.error.message);
  const replaced = (raw: unknown, [at, ...rest]: readonly number[]): unknown => {
    if (at === undefined) return item;
    if (!Array.isArray(raw)) throw new Error('the path leads nowhere');
    const copy: unknown[] = [...raw];
    copy[at] = replaced(copy[at], rest);
    return copy;
  };
  const meta = cborgEncode(replaced(cborgDecode(opened.value.meta), path), rfc8949EncodeOptions);
  return Buffer.concat(seal(meta, [opened.value.memory]));
};

const [qp] = objects.qps;
if (qp === undefined) throw new Error('the stage has no QP');
const { data } = qp;
if (data.type !== 'RC') throw new Error('the first QP of the stage is RC');

describe('dump', () => {
  test('IMG-10, MIG-10: a context with a QP that runs is refused', () => {
    const { a } = rcPair();
    expect(dump(a.context)).toMatchObject({ ok: false, error: { errno: 'EBUSY' } });
    imageOf(a.context);
    const late = unwrap(createQp(a.pd, { qpType: 'RC', sendCq: a.sendCq, recvCq: a.recvCq, cap: {} }));
    const message = expect.stringContaining(`QP ${late.qpNum}`);
    expect(dump(a.context)).toMatchObject({ ok: false, error: { errno: 'EBUSY', message } });
  });

  test('IMG-11: every object of the context is in the image, and none of another', () => {
    const { a, world } = busyPair();
    const other = world.nic(0).open();
    unwrap(regMr(unwrap(allocPd(other)), new Uint8Array(8), 0));
    const image = imageOf(a.context).objects;
    expect(Object.fromEntries(KINDS.map((kind) => [kind, image[kind].map(({ handle }) => handle)]))).toEqual(
      handles(a.context),
    );
    for (const kind of KINDS) expect(image[kind].length).toBeGreaterThan(0);
  });

  test('IMG-12, IMG-13: a dump changes nothing, so that the next one is the same bytes', () => {
    const { a } = busyPair();
    const first = fileOf(imageOf(a.context));
    expect(fileOf(unwrap(dump(a.context))).equals(first)).toBe(true);
    const again = busyPair();
    expect(fileOf(imageOf(again.a.context)).equals(first)).toBe(true);
  });

  test('IMG-14: the image of a QP in the middle of its work has work in every queue', () => {
    expect(data.sq.wqes.length).toBeGreaterThan(0);
    expect(data.sq.begun).toBeGreaterThan(data.sq.tail);
    expect(data.rq.length).toBeGreaterThan(0);
    expect(data.completer.ackTimer).not.toBeNull();
    expect(data.requester.nextPsn).not.toBe(data.completer.una);
    expect(data.state).toBe('RTS');
  });

  test('IMG-15, IMG-16: memory, blob and unpolled completions come along', () => {
    const { a } = busyPair();
    const bytes = Uint8Array.from(a.bytes);
    const blob = Uint8Array.of(1, 2, 3);
    const image = read(fileOf(imageOf(a.context, blob)));
    const at = image.objects.mrs.findIndex(({ handle }) => handle === a.mr.handle);
    expect(Buffer.compare(image.memory[at] ?? blob, bytes)).toBe(0);
    expect(image.objects.blob).toEqual(blob);
    const completions = image.objects.cqs.map((cq) => cq.completions);
    expect(completions).toEqual(a.context.cqs.list().map(({ queue }) => queue.list()));
    expect(completions.flat().length).toBeGreaterThan(1);
  });
});

describe('reading', () => {
  test.each([
    ['an unknown verbs state', [7, 0, 9, 1, 0], 'RTX', 'image.qps[0].data.state'],
    ['a QP that runs', [7, 0, 9, 1, 1, 0], 'RUNNING', 'image.qps[0].data.migration.phase'],
    ['an unknown QP type', [7, 0, 9, 0], 'RD', 'image.qps[0].data'],
    ['a QPN of 25 bits', [7, 0, 1], 1 << 24, 'image.qps[0].qpn'],
    ['a negative length', [4, 0, 3], -1, 'image.mrs[0].length'],
    ['a blob that is text', [9], 'blob', 'image.blob'],
    ['an unknown field', [4, 0, 7], 0, 'image.mrs[0]'],
  ])('IMG-6: %s is refused by its place', (_, path, value, place) => {
    expect(readImage(fileWithItem(path, value))).toMatchObject({ ok: false, error: { rule: 'IMG-6', place } });
  });

  test.each([
    ['a PD handle twice', { pds: [...objects.pds, ...objects.pds.slice(0, 1)] }, /^image\.pds\[\d\]$/],
    ['a QPN twice', { qps: [qp, { ...qp, handle: 99 }] }, /^image\.qps\[1\]$/],
    ['one key index of two regions', { mrs: objects.mrs.map((mr, i) => ({ ...mr, key: 0x500 + i })) }, /^image\.keys/],
    ['a QP without its CQ', { qps: [{ ...qp, sendCq: 88 }] }, /sendCq$/],
    ['a QP without its PD', { pds: [] }, /pd$/],
    ['a QP without its SRQ', { qps: [{ ...qp, srq: 88 }] }, /srq$/],
    ['a CQ without its channel', { channels: [] }, /^image\.cqs\[\d\]\.channel$/],
    ['more receives than the queue holds', { qps: [{ ...qp, cap: { ...qp.cap, maxRecvWr: 1 } }] }, /data\.rq$/],
    ['more sends than the queue holds', { qps: [{ ...qp, cap: { ...qp.cap, maxSendWr: 1 } }] }, /wqes$/],
    ['more completions than the CQ holds', { cqs: objects.cqs.map((cq) => ({ ...cq, cqe: 0 })) }, /completions$/],
    [
      'regions longer than the memory',
      { mrs: objects.mrs.map((mr) => ({ ...mr, present: mr.present - 1 })) },
      /^image\.mrs$/,
    ],
    [
      'more memory than a region has',
      { mrs: objects.mrs.map((mr) => ({ ...mr, present: mr.length + 1 })) },
      /present$/,
    ],
  ])('IMG-7: %s is refused by its place', (_, change, place) => {
    expect(readImage(fileWith(change))).toMatchObject({
      ok: false,
      error: { rule: 'IMG-7', place: expect.stringMatching(place) },
    });
  });

  test('IMG-8: the file that the wrong ones were made of is accepted', () => {
    expect(readImage(fileWith({})).ok).toBe(true);
  });

  prop.prop([fc.array(fc.tuple(fc.nat(0xffff), fc.nat(255)), { minLength: 1, maxLength: 5 })])(
    'IMG-8: a file with altered bytes is refused with a rule and a place, or is the same file',
    (changes) => {
      const file = fileWith({});
      const altered = Buffer.from(file);
      for (const [at, byte] of changes) altered[at % altered.length] = byte;
      const image = readImage(altered);
      if (image.ok) expect(altered.equals(file)).toBe(true);
      else
        expect(image.error).toEqual({
          rule: expect.stringMatching(/^IMG-\d$/),
          place: expect.any(String),
          message: expect.any(String),
        });
    },
  );
});

describe('restore', () => {
  test('IMG-20, MIG-11: every object has its old handle, number and key, every QP is STOPPED in its old verbs state', () => {
    const { a } = busyPair();
    const image = read(fileOf(imageOf(a.context)));
    const context = unwrap(restore(bareNic(), image, 5));
    expect(handles(context)).toEqual(handles(a.context));
    for (const [i, restored] of context.qps.list().entries()) {
      const original = a.context.qps.list()[i];
      if (original === undefined) throw new Error('more QPs than there were');
      expect(restored.qpNum).toBe(original.qpNum);
      expect(unwrap(queryQp(restored))).toEqual(unwrap(queryQp(original)));
      expect(restored.engine.migration).toMatchObject({ phase: 'STOPPED' });
    }
    const keys = (of: Context) => of.mrs.list().map(({ lkey, rkey, addr, length }) => [lkey, rkey, addr, length]);
    expect(keys(context)).toEqual(keys(a.context));
    expect(context.stopped).toBe(true);
    expect(pollCq(context.cqs.list()[0] ?? a.sendCq, 10)).toEqual([]);
  });

  prop.prop([fc.nat(120), fc.nat(1e9)], { numRuns: 40 })(
    'IMG-22: a dump of a restored context is the image it came from, wherever its work was interrupted',
    (steps, now) => {
      const file = fileOf(imageOf(busyPair(steps).a.context, Uint8Array.of(steps)));
      const image = read(file);
      const context = unwrap(restore(bareNic(), image, now));
      expect(fileOf(unwrap(dump(context, image.objects.blob))).equals(file)).toBe(true);
    },
  );

  test('IMG-20: a window that was bound still holds its region', () => {
    const context = unwrap(restore(bareNic(), { objects, memory }, 0));
    const bound = context.mws.list().find(({ window }) => window.binding !== undefined)?.window.binding?.region;
    const mr = context.mrs.list().find(({ region }) => region === bound);
    if (mr === undefined) throw new Error('no window is bound');
    expect(deregMr(mr)).toMatchObject({ ok: false, error: { errno: 'EBUSY' } });
  });

  test.each([
    ['QPN', { qps: [qp], mrs: [], mws: [] }],
    ['region key', { qps: [], mrs: objects.mrs.slice(-1), mws: [] }],
    ['window key', { qps: [], mrs: [], mws: objects.mws.slice(-1) }],
  ])('IMG-21, MIG-12: a %s in use at the target refuses the image, with nothing created', (_, only) => {
    const nic = bareNic();
    const occupant = { ...objects, ...only };
    const sizes = occupant.mrs.map(({ length }) => new Uint8Array(length));
    const unbound = { ...occupant, mws: occupant.mws.map((mw) => ({ ...mw, binding: undefined })) };
    unwrap(restore(nic, { objects: unbound, memory: sizes }, 0));
    const before = taken(nic);
    expect(restore(nic, { objects, memory }, 0)).toMatchObject({ ok: false, error: { errno: 'EEXIST' } });
    expect(taken(nic)).toBe(before);
  });

  test.each([
    [
      'a path MTU it cannot carry',
      { limits: { maxMtu: 256 as const } },
      [{ ...qp, data: { ...data, attributes: { ...data.attributes, pathMtu: 1024 as const } } }],
    ],
    ['another P_Key', {}, [{ ...qp, pkey: 0x8001 }]],
    ['fewer READs outstanding', { limits: { maxQpRdAtom: 3 } }, [qp]],
    ['queues longer than it has', { limits: { maxQpWr: 4 } }, [qp]],
    [
      'no address of the family',
      {},
      [{ ...qp, data: { ...data, attributes: { ...data.attributes, ahAttr: { dgid: ip('fd00::1'), flowLabel: 0 } } } }],
    ],
  ])('IMG-8, IMG-28: a device with %s refuses the image by its place, with nothing created', (_, config, qps) => {
    const nic = bareNic(config);
    const before = taken(nic);
    expect(restore(nic, { objects: { ...objects, qps }, memory }, 0)).toMatchObject({
      ok: false,
      error: { errno: 'EINVAL', message: expect.stringMatching(/^EINVAL: image\.qps\[0\]/) },
    });
    expect(taken(nic)).toBe(before);
  });
});

test('IMG-11: sizes name every kind of object that the image holds', () => {
  expect(Object.keys(objectSizes(objects)).sort()).toEqual([
    'completion',
    'cq',
    'mr',
    'mw',
    'pd',
    'qp',
    'receive WQE',
    'send WQE',
    'srq',
  ]);
  expect(objectSizes(objects).qp?.count).toBe(objects.qps.length);
});

describe('tables of chapter 60', () => {
  const CHAPTER = 'spec/60-image.md';

  test('IMG-9: records have the fields of the table, in its order and of its types', () => {
    const written = recordsIn(imageShape).map(({ says, fields }) => [
      says,
      fields.map(([name, shape]) => `${name}: ${shape.says}`).join(', '),
    ]);
    const table = specTable(CHAPTER, 'image-records');
    expect(table.rows.map((row) => [cell(table, row, 'record'), cell(table, row, 'fields')])).toEqual(written);
  });

  test('IMG-3, IMG-4: the envelope has the fields of the table at their places', () => {
    const table = specTable(CHAPTER, 'image-envelope');
    const places = table.rows.map((row) => [
      cell(table, row, 'field'),
      numberCell(table, row, 'at'),
      numberCell(table, row, 'bytes'),
    ]);
    expect(places.map(([field]) => field)).toEqual(Object.keys(ENVELOPE));
    expect(places.map(([, at]) => at)).toEqual(Object.values(ENVELOPE));
    const ends = places.map(([, at, bytes]) => Number(at) + Number(bytes));
    expect(ends).toEqual([...Object.values(ENVELOPE).slice(1), ENVELOPE_SIZE]);
  });
});
