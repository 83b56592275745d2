// Chapter 60: what no device can have written is refused by its place, whoever made the digest; what is taken does no harm.
import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { ImageObjects } from '../../impl/migration/image.ts';
import { readImage } from '../../impl/migration/image-file.ts';
import { chance } from '../../impl/udp/chance.ts';
import { forge } from './forging.ts';
import { fileOf, imageOf, read } from './image-stage.ts';
import { Lone, type LoneConfig } from './lone.ts';
import { realImages } from './real-images.ts';
import { fate } from './survival.ts';

const REAL = realImages();

/** The value with another one at a path of names and indexes. */
const withAt = (value: unknown, [step, ...rest]: readonly string[], other: unknown): unknown => {
  if (step === undefined) return other;
  if (Array.isArray(value)) return value.with(Number(step), withAt(value[Number(step)], rest, other));
  if (typeof value !== 'object' || value === null || !(step in value)) throw new Error(`no ${step}`);
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, each]) => [name, name === step ? withAt(each, rest, other) : each]));
};

/** The file of an image in which something stands at a path. */
const forged = (file: Buffer, path: string, other: unknown): Buffer => {
  const { objects, memory } = read(file);
  return fileOf({ objects: withAt(objects, path.split('.'), other) as ImageObjects, memory });
};

const refusalOf = (file: Uint8Array): string => {
  const image = readImage(file);
  return image.ok ? 'taken' : `${image.error.rule} at ${image.error.place}`;
};

const pieces = (lone: Lone, length: number) => [lone.piece(0, length)];
const FAR = { remoteAddr: 8192, rkey: 5 };

/** A stopped device: a SEND of three packets, a READ of three and one not begun, none of them answered. */
const stage = (config: LoneConfig = {}): Buffer => {
  const lone = new Lone({ ...config, nic: { window: 4, ...config.nic } });
  lone.recv(9);
  lone.send({ wrId: 1, opcode: 'SEND', sgList: pieces(lone, 700) });
  lone.send({ wrId: 2, opcode: 'RDMA_READ', sgList: pieces(lone, 700), ...FAR });
  lone.send({ wrId: 3, opcode: 'SEND', sgList: pieces(lone, 10) });
  return fileOf(imageOf(lone.context));
};
const FILE = stage();
const QP = 'qps.0';
const DATA = `${QP}.data`;
const WQE = `${DATA}.sq.wqes`;

describe('a forged image of an RC QP', () => {
  test('IMG-23, IMG-24, IMG-25, IMG-26, IMG-27: the real one is taken', () => {
    expect(REAL.map(refusalOf)).toEqual(REAL.map(() => 'taken'));
    expect(refusalOf(FILE)).toBe('taken');
    expect(read(FILE).objects.qps[0]?.data.sq).toMatchObject({ tail: 0, begun: 2, head: 3 });
  });

  test.each([
    ['a QPN of the management', `${QP}.qpn`, 1],
    ['a QPN of multicast', `${QP}.qpn`, 0xffffff],
    ['handle 0', `${QP}.handle`, 0],
    ['an unknown access flag', `${DATA}.attributes.qpAccessFlags`, 1 << 20],
    ['another port', `${DATA}.attributes.portNum`, 2],
    ['too many READs', `${DATA}.attributes.maxRdAtomic`, 129],
    ['no peer', `${DATA}.attributes.ahAttr`, undefined],
    ['a flow label of 21 bits', `${DATA}.attributes.ahAttr`, { dgid: '10.0.0.2', flowLabel: 1 << 20 }],
    ['a region beyond all addresses', 'mrs.0.addr', Number.MAX_SAFE_INTEGER],
    ['a region that peers write and nobody else', 'mrs.0.access', 2],
    ['a region with an unknown access flag', 'mrs.0.access', 1 << 12],
    ['a CQ for nothing', 'cqs.0.cqe', 0],
  ])('IMG-23: %s is refused', (_, path, other) => {
    expect(refusalOf(forged(FILE, path, other))).toMatch(/^IMG-23 at image\./);
  });

  test.each([
    ['a length that its list has not', `${WQE}.0.length`, 701],
    ['more pieces than the QP takes', `${QP}.cap.maxSendSge`, 0],
    ['a piece beyond 2^31', `${WQE}.2.sgList.0.length`, 2 ** 31 + 1],
    ['a READ inline', `${WQE}.1.inline`, new Uint8Array(700)],
    ['more inline than the QP takes', `${WQE}.2.inline`, new Uint8Array(257)],
    ['inline bytes beside another list', `${WQE}.2.inline`, new Uint8Array(9)],
    ['an atomic of ten bytes', `${WQE}.2.opcode`, 'ATOMIC_FETCH_AND_ADD'],
    ['a binding without a window', `${WQE}.2.opcode`, 'BIND_MW'],
    ['a window beside a SEND', `${WQE}.2.bind`, { mr: 0, addr: 0, length: 0, access: 0 }],
    ['a destination of its own', `${WQE}.2.ah`, { dgid: '10.0.0.2', flowLabel: 0 }],
    ['silence where all are signaled', QP, { sqSigAll: true }],
    ['more pieces of a receive than the QP takes', `${QP}.cap.maxRecvSge`, 0],
  ])('IMG-24: %s is refused', (_, path, other) => {
    const change = path === QP ? silent() : forged(FILE, path, other);
    expect(refusalOf(change)).toMatch(/^IMG-24 at image\.qps\[0\]\.data\.(sq\.wqes|rq)\[\d\]$/);
  });

  const silent = (): Buffer => forged(forged(FILE, `${QP}.sqSigAll`, true), `${WQE}.2.signaled`, false);

  test.each([
    ['sends in RTR', `${DATA}.state`, 'RTR', 'sq'],
    ['an RC QP in SQE', `${DATA}.state`, 'SQE', 'state'],
    ['a draining QP in RTS', `${DATA}.draining`, 'DRAINING', 'draining'],
    [
      'a READ kept whose PSNs its length does not occupy',
      `${DATA}.responder.resources`,
      [KEPT(2)],
      'responder.resources[0].psnCount',
    ],
    ['a SEND arriving without its receive', `${DATA}.responder.arriving`, { kind: 'SEND' }, 'responder.arriving'],
    ['more bytes than are arriving', `${DATA}.responder.received`, 1, 'responder.received'],
    ['a message of more than 2^31 bytes', `${DATA}.responder.arriving`, LONG(), 'responder.arriving'],
  ])('IMG-25: %s is refused', (_, path, other, place) => {
    expect(refusalOf(forged(FILE, path, other))).toBe(`IMG-25 at image.qps[0].data.${place}`);
  });

  test.each([
    ['PSNs that a length does not occupy', `${WQE}.0.psnCount`, 4, 'wqes[0].psnCount'],
    ['a gap between two requests', `${WQE}.1.firstPsn`, 104, 'wqes[1].firstPsn'],
    ['PSNs of a request that was not begun', `${WQE}.2.psnCount`, 1, 'wqes[2].psnCount'],
    ['a failure of a request that was not begun', `${WQE}.2.failure`, 'LOC_PROT_ERR', 'wqes[2].failure'],
    ['a failure that is the peer’s to find', `${WQE}.1.failure`, 'REM_OP_ERR', 'wqes[1].failure'],
    ['a local request that waits', `${WQE}.1`, LOCAL(), 'wqes[1].opcode'],
    ['more than was posted', `${DATA}.sq.begun`, 4, ''],
    ['queue indexes without their entries', `${DATA}.sq.head`, 4, 'wqes'],
    ['indexes that no queue reaches', `${DATA}.sq`, FARAWAY(), 'head'],
  ])('IMG-26: %s are refused', (_, path, other, place) => {
    const at = place === '' ? '' : `.${place}`;
    expect(refusalOf(forged(FILE, path, other))).toBe(`IMG-26 at image.qps[0].data.sq${at}`);
  });

  test.each([
    ['an unacknowledged PSN of no request', `${DATA}.completer.una`, 99, 'completer.una'],
    ['an oldest request that was acknowledged', `${DATA}.completer.una`, 104, 'completer.una'],
    ['a PSN that was never given', `${DATA}.requester.nextPsn`, 107, 'requester.nextPsn'],
    ['half a READ asked for', `${DATA}.requester`, HALF(), 'requester.nextPsn'],
    ['a cursor beyond what was begun', `${DATA}.requester.cursor`, 3, 'requester.cursor'],
    ['a packet behind the last', `${DATA}.requester.packet`, 1, 'requester.packet'],
    ['a PSN beside the cursor', `${DATA}.requester.psn`, 105, 'requester.psn'],
    ['a READ too many', `${DATA}.requester.rdAtomic`, 2, 'requester.rdAtomic'],
    ['an answer too few', `${DATA}.requester.readSlack`, 1, 'requester.readSlack'],
    ['more retries than it had', `${DATA}.attributes.retryCnt`, 0, 'completer.retryCnt'],
    ['two timers', `${DATA}.completer.rnrTimer`, 5, 'completer.ackTimer'],
    ['an RNR timer beyond all codes', `${DATA}.completer`, WAITING(), 'completer.rnrTimer'],
    ['an ACK timer beyond all codes', `${DATA}.completer.ackTimer`, 2 ** 50, 'completer.ackTimer'],
  ])('IMG-27: %s is refused', (_, path, other, place) => {
    expect(refusalOf(forged(FILE, path, other))).toBe(`IMG-27 at image.qps[0].data.${place}`);
  });
});

describe('a forged image of many objects', () => {
  const file = REAL[0] ?? FILE;
  const { channels, cqs, qps } = read(file).objects;
  const mine = cqs.findIndex(({ channel }) => channel !== undefined);
  const none = cqs.findIndex(({ channel }) => channel === undefined);
  const shared = qps.findIndex(({ srq }) => srq !== undefined);

  test.each([
    ['an event about a QP that is not there', 'events.0.qpNum', 999, 'events[0].about'],
    ['an event of a CQ with another channel', 'channels.0.events', [cqs[none]?.handle], 'channels[0].events[0]'],
    ['fewer events to acknowledge than wait', `cqs.${cqs.length - 1}.unacked`, 0, `cqs[${cqs.length - 1}]`],
    ['a CQ armed for a channel that it has not', `cqs.${none}.arming`, 'NEXT', `cqs[${none}]`],
    ['an SRQ of another PD', `srqs.0.pd`, 1, `qps[${shared}].srq`],
    ['a window on a region of another PD', 'mws.0.pd', 2, 'mws[0].binding.mr'],
  ])('IMG-7: %s is refused', (_, path, other, place) => {
    expect(channels.length * (mine + 1) * (shared + 1)).toBeGreaterThan(0);
    expect(refusalOf(forged(file, path, other))).toBe(`IMG-7 at image.${place}`);
  });

  test.each([
    ['a window of no bytes', 'mws.0.binding.length', 0, 'mws[0].binding'],
    ['a window that lets its region be bound', 'mws.0.binding.access', 16, 'mws[0].binding'],
    ['a region that no window may open', 'mrs.1.access', 1, 'mws[0].binding'],
    ['a window of one QP that is open to all', 'mws.0.binding.qpn', qps[0]?.qpn, 'mws[0].binding'],
    ['a limit above the room', 'srqs.0.limit', 99, 'srqs[0].limit'],
    ['an event of port 2', 'events.0', { type: 'PORT_ERR', port: 2 }, 'events[0]'],
  ])('IMG-23: %s is refused', (_, path, other, place) => {
    expect(refusalOf(forged(file, path, other))).toBe(`IMG-23 at image.${place}`);
  });
});

function KEPT(psnCount: number) {
  return { kind: 'READ', firstPsn: 90, psnCount, va: 65536, length: 700, rkey: 5 };
}
function LONG() {
  return { kind: 'WRITE', va: 65536, rkey: 5, length: 2 ** 31 + 1 };
}
function LOCAL() {
  const wqe = read(FILE).objects.qps[0]?.data.sq.wqes[1];
  return { ...wqe, opcode: 'LOCAL_INV', sgList: [], length: 0, psnCount: 0 };
}
function FARAWAY() {
  const sq = read(FILE).objects.qps[0]?.data.sq;
  return { ...sq, tail: 2 ** 49, begun: 2 ** 49 + 2, head: 2 ** 49 + 3 };
}
function HALF() {
  const data = read(FILE).objects.qps[0]?.data;
  return data?.type === 'RC' ? { ...data.requester, nextPsn: 105, psn: 104 } : undefined;
}
function WAITING() {
  const data = read(FILE).objects.qps[0]?.data;
  return data?.type === 'RC' ? { ...data.completer, ackTimer: null, rnrTimer: 2 ** 40 } : undefined;
}

describe('forged images at random', () => {
  prop.prop([fc.integer(), fc.nat(REAL.length - 1)], { numRuns: 3000 })(
    'IMG-8, IMG-23: whatever is changed is refused by rule and place, or restored to a device that nothing makes throw',
    (seed, which) => {
      const random = chance(seed);
      const file = REAL[which] ?? FILE;
      const met = fate(forge(file, random), random);
      if ('refused' in met) expect(met.refused).toMatch(/^(IMG-[567] |IMG-2[34567] |E[A-Z]+: )(at )?image/);
      else expect(met.wrong).toBeUndefined();
    },
  );
});
