// Chapter 60: whatever a peer sends and the consumer does, the context comes through an image.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import {
  allocMw,
  bindMw,
  modifyQp,
  postRecv,
  postSend,
  type QpAttr,
  resizeCq,
  type SendWr,
  unwrap,
} from '../../impl/index.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import type { OpcodeName } from '../../impl/wire/opcode.ts';
import { ack, nak, rnrNak } from '../../impl/wire/syndrome.ts';
import { bareNic } from './image-stage.ts';
import { Lone } from './lone.ts';
import { engine, REMOTE } from './rc-stage.ts';

const REQUESTS = [
  ...(['SEND', 'WRITE'] as const).flatMap((kind) =>
    (['FIRST', 'MIDDLE', 'LAST', 'ONLY'] as const).map((place) => `RC_${kind}_${place}` as const),
  ),
  'RC_WRITE_ONLY_WITH_IMM',
  'RC_SEND_ONLY_WITH_INV',
  'RC_READ_REQUEST',
  'RC_COMPARE_SWAP',
  'RC_FETCH_ADD',
  'RC_ATOMIC_WRITE',
] as const satisfies readonly OpcodeName[];
const RESPONSES = [
  'RC_ACKNOWLEDGE',
  'RC_READ_RESPONSE_FIRST',
  'RC_READ_RESPONSE_MIDDLE',
  'RC_READ_RESPONSE_LAST',
  'RC_READ_RESPONSE_ONLY',
  'RC_ATOMIC_ACKNOWLEDGE',
] as const satisfies readonly OpcodeName[];
const SYNDROMES = [ack(), nak('PSN_SEQUENCE_ERROR'), rnrNak(3), nak('STOPPED')];
const MODIFIES: readonly QpAttr[] = [
  { qpState: 'SQD', enSqdAsyncNotify: true },
  { qpState: 'RTS' },
  { maxDestRdAtomic: 1, maxRdAtomic: 0, timeout: 31, retryCnt: 0 },
  { qpState: 'ERR' },
  { qpState: 'RESET' },
];

/** Choices of a list come as their index. */
const oneOf = <T>(list: readonly T[], index: number): T => {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError('an empty list');
  return found;
};

/** Where a request may point: into the region, or anywhere. */
const va = fc.oneof(
  { weight: 4, arbitrary: fc.nat(4000).map((offset) => ({ offset })) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 53n, 2n ** 64n - 1n).map((address) => ({ address })) },
);
const bytes = fc.oneof(fc.constantFrom(0, 8, 256, 512), fc.nat(2000));
const deed = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('request'),
      opcode: fc.nat(99),
      ahead: fc.oneof(
        { weight: 5, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: -4, max: 2 }) },
      ),
      va,
      bytes,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('response'), opcode: fc.nat(99), ahead: fc.nat(3), syndrome: fc.nat(9) }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('send'), which: fc.nat(99), bytes, fence: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('recv'), bytes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('modify'), which: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resize'), cqe: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass'), nanoseconds: fc.constantFrom(0, 1000, 5_000_000) }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** The bytes a packet of the opcode has, where they are of any use. */
const payloadOf = (opcode: OpcodeName, length: number): Uint8Array => {
  if (/FIRST|MIDDLE/.test(opcode)) return new Uint8Array(256);
  if (/LAST|ONLY/.test(opcode)) return new Uint8Array(length % 257);
  return new Uint8Array(opcode === 'RC_ATOMIC_WRITE' ? 8 : 0);
};

class Stage {
  readonly lone = new Lone();
  readonly #windows = [unwrap(allocMw(this.lone.pd, 1)), unwrap(allocMw(this.lone.pd, 2))] as const;

  #request({ opcode: index, ahead, va: place, bytes: length }: Deed & { kind: 'request' }): void {
    const { lone } = this;
    const opcode = oneOf(REQUESTS, index);
    const psn = (engine(lone).responder.expectedPsn + ahead) & 0xffffff;
    const address = 'address' in place ? place.address : BigInt(lone.mr.addr + place.offset * 8);
    lone.get(opcode, psn, {
      va: address,
      rkey: rkey(lone.mr.rkey),
      dmaLength: length,
      payload: payloadOf(opcode, length),
      invalidateRkey: rkey(this.#windows[1].rkey),
      swapAdd: 2n ** 64n - 1n,
      ackReq: true,
    });
  }

  #response({ opcode: index, ahead, syndrome }: Deed & { kind: 'response' }): void {
    const opcode = oneOf(RESPONSES, index);
    const psn = (engine(this.lone).completer.una + ahead) & 0xffffff;
    this.lone.get(opcode, psn, { syndrome: oneOf(SYNDROMES, syndrome), payload: payloadOf(opcode, 8) });
  }

  #send({ which, bytes: length, fence }: Deed & { kind: 'send' }): void {
    const { lone } = this;
    const [one, two] = this.#windows;
    const word = { sgList: [lone.piece(0, 8)], remoteAddr: 2n ** 64n - 8n, rkey: 2 ** 32 - 1 };
    const bind = { mr: lone.mr, addr: lone.mr.addr + 8, length: 64, access: 4 };
    const list: readonly SendWr[] = [
      { wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, length), lone.piece(9, 0)] },
      { wrId: 2, opcode: 'SEND_WITH_IMM', imm: 2 ** 32 - 1, inline: new Uint8Array(length % 257) },
      { wrId: Number.MAX_SAFE_INTEGER, opcode: 'RDMA_READ', sgList: [lone.piece(8, length)], ...REMOTE },
      { wrId: 4, opcode: 'ATOMIC_CMP_AND_SWP', compareAdd: 2n ** 64n - 1n, swap: 1n, ...word },
      { wrId: 5, opcode: 'FLUSH', length: 2 ** 31, placement: 'PERSISTENT', selectivity: 'MR', ...REMOTE },
      { wrId: 6, opcode: 'BIND_MW', mw: two, rkey: two.rkey ^ 1, bind },
      { wrId: 7, opcode: 'LOCAL_INV', invalidateRkey: two.rkey },
    ];
    // What the state or the queue refuses is refused; the rest is in the image.
    postSend(lone.qp, { ...oneOf(list, which), fence });
    if (which % 10 === 0) bindMw(lone.qp, one, { wrId: 8, bind });
  }

  do(deed: Deed): void {
    const { lone } = this;
    switch (deed.kind) {
      case 'request':
        this.#request(deed);
        return;
      case 'response':
        this.#response(deed);
        return;
      case 'send':
        this.#send(deed);
        return;
      case 'recv':
        postRecv(lone.qp, { wrId: 9, sgList: [lone.piece(0, deed.bytes), lone.piece(70, 0)] });
        return;
      case 'modify':
        modifyQp(lone.qp, oneOf(MODIFIES, deed.which));
        return;
      case 'resize':
        resizeCq(lone.cq, deed.cqe);
        return;
      case 'pass':
        lone.pass(deed.nanoseconds);
        return;
    }
  }
}

test.prop([fc.array(deed, { maxLength: 40 })], { numRuns: 400 })(
  'IMG-14, IMG-20, IMG-22: whatever has happened to a context, its image is read, restored, and the same again',
  (deeds) => {
    const stage = new Stage();
    for (const each of deeds) stage.do(each);
    const { context, now } = stage.lone;
    stopContext(context, now);
    const file = Buffer.concat(writeImage(unwrap(dump(context))));
    const image = readImage(file);
    if (!image.ok) throw new Error(`${image.error.rule} ${image.error.place}`);
    const nic = bareNic();
    const restored = unwrap(restore(nic, image.value, 7));
    expect(Buffer.concat(writeImage(unwrap(dump(restored)))).equals(file)).toBe(true);
    resumeContext(restored, 8);
    nic.tick(9);
  },
);
