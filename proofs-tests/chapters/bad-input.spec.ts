// Chapter 40: whatever comes from the network.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { regMr, unwrap } from '../../impl/index.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { pkey, qkey, qpn, rkey } from '../../impl/wire/numbers.ts';
import { OPCODE_NAMES, opcodeInfo } from '../../impl/wire/opcode.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { syndrome } from '../../impl/wire/syndrome.ts';
import { anyUpTo } from '../wire/arbitrary.ts';
import { HERE, Lone, PEER, QKEY } from './lone.ts';

const WAY = path(PEER, HERE, 0xc000);
const dropped = (lone: Lone): number => Object.values(lone.nic.counters.drops).reduce((sum, count) => sum + count, 0);

test.prop([fc.array(anyUpTo(80), { maxLength: 20 })])(
  'VRB-60: noise is dropped and counted, datagram by datagram',
  (datagrams) => {
    const lone = new Lone();
    for (const bytes of datagrams) lone.nic.receive(bytes, WAY, 0);
    lone.nic.tick(0);
    expect([dropped(lone), lone.said(), lone.state]).toEqual([datagrams.length, [], 'RTS']);
  },
);

/** Memory of which the middle is registered: a write outside the region would show. */
const guarded = (lone: Lone) => {
  const all = new Uint8Array(3000).fill(0xaa);
  const mr = unwrap(regMr(lone.pd, all.subarray(1000, 2000), 15));
  return { all, mr };
};

const NEAR = { lo: -3, hi: 3 };
const anyStep = fc.record({
  opcode: fc.constantFrom(...OPCODE_NAMES),
  ahead: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.integer({ min: NEAR.lo, max: NEAR.hi }),
    fc.nat(0xffffff),
  ),
  offset: fc.oneof(fc.integer({ min: -20, max: 1020 }), fc.constant(0)),
  dmaLength: fc.oneof(fc.constantFrom(0, 8, 256, 512, 1000), fc.nat(1100), fc.nat(2 ** 32 - 1)),
  goodKey: fc.boolean(),
  size: fc.oneof(fc.constantFrom(0, 8, 256), fc.nat(300)),
  code: fc.nat(255),
  ackReq: fc.boolean(),
});

test.prop([fc.constantFrom('RC' as const, 'UC' as const, 'UD' as const), fc.array(anyStep, { maxLength: 40 })])(
  'VRB-60: no sequence of genuine packets makes a QP throw or write outside what its keys open',
  (qpType, steps) => {
    const lone = new Lone({ qpType });
    const { all, mr } = guarded(lone);
    for (let wrId = 0; wrId < 8; wrId++) lone.recv(wrId, 0, 300);
    for (let wrId = 0; wrId < 4 && qpType === 'RC'; wrId++)
      lone.send({ wrId, opcode: 'SEND', sgList: [lone.piece(0, 600)] });
    let next = 100;
    for (const { opcode, ahead, offset, dmaLength, goodKey, size, code, ackReq } of steps) {
      const rule = opcodeInfo(opcode).payload;
      const length = rule === 'NONE' ? 0 : rule === 'EIGHT' ? 8 : rule === 'SIXTEEN' ? 16 : size;
      const fields = {
        va: BigInt(Math.max(0, mr.addr + offset)),
        rkey: rkey(goodKey ? mr.rkey : code),
        dmaLength,
        syndrome: syndrome(code),
        ackReq,
        pkey: pkey(0xffff),
        qkey: qkey(QKEY),
        srcQp: qpn(9),
        payload: new Uint8Array(length).fill(1),
      };
      const packet = makePacket(opcode, qpn(lone.qp.qpNum), psn(next + ahead), fields);
      let bytes: Uint8Array;
      try {
        bytes = encodePacket(packet, WAY);
      } catch {
        continue; // No such packet can be on a wire.
      }
      lone.nic.receive(bytes, WAY, lone.now);
      lone.nic.tick(lone.now);
      const { engine } = lone.qp;
      if (engine.type !== 'UD') next = engine.responder.expectedPsn;
    }
    const guard = new Uint8Array(1000).fill(0xaa);
    expect(Buffer.compare(all.subarray(0, 1000), guard)).toBe(0);
    expect(Buffer.compare(all.subarray(2000), guard)).toBe(0);
    expect(Buffer.compare(lone.bytes.subarray(300), new Uint8Array(lone.bytes.length - 300))).toBe(0);
  },
);
