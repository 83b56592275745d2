// Chapter 34.
import { expect, test } from 'vitest';
import { createAh, ip, modifyQp, postRecv, postSend, unwrap } from '../../impl/index.ts';
import { decodePacket } from '../../impl/wire/decode.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { qkey, qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { type Path, path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { HERE, Lone, PEER, QKEY } from './lone.ts';
import { pattern } from './pair.ts';

const ud = (config: ConstructorParameters<typeof Lone>[0] = {}): Lone => new Lone({ qpType: 'UD', ...config });
const destination = (lone: Lone, remoteQpn = 0x55, remoteQkey = 7, dgid = PEER) => ({
  ah: unwrap(createAh(lone.pd, { dgid })),
  remoteQpn,
  remoteQkey,
});
const FROM = { srcQp: qpn(0x4321), qkey: qkey(QKEY) };

test('UD-1, UD-3, UD-4: each SEND goes to the destination of its WR, names its sender and completes when sent', () => {
  const ways: Path[] = [];
  const lone = ud();
  const { nic } = lone;
  const transmit = nic.transmit.bind(nic);
  nic.transmit = (packet, way) => {
    ways.push(way);
    transmit(packet, way);
  };
  lone.bytes.set(pattern(100));
  const other = ip('10.0.0.77');
  unwrap(
    postSend(lone.qp, { wrId: 1, opcode: 'SEND', signaled: true, sgList: [lone.piece(0, 100)], ud: destination(lone) }),
  );
  unwrap(
    postSend(lone.qp, {
      wrId: 2,
      opcode: 'SEND_WITH_IMM',
      imm: 9,
      signaled: true,
      ud: destination(lone, 0x66, 8, other),
    }),
  );
  nic.tick(0);
  expect(lone.sent()).toMatchObject([
    { opcode: 'UD_SEND_ONLY', psn: 100, destQp: 0x55, qkey: 7, srcQp: lone.qp.qpNum, payload: pattern(100) },
    { opcode: 'UD_SEND_ONLY_WITH_IMM', psn: 101, destQp: 0x66, qkey: 8, imm: 9 },
  ]);
  expect(ways.map((way) => way.destination)).toEqual([PEER, other]);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
});

test('UD-1: every other operation, and a SEND without destination, is refused', () => {
  const lone = ud();
  const REMOTE = { remoteAddr: 0x2000, rkey: 0x99 };
  expect(postSend(lone.qp, { wrId: 1, opcode: 'RDMA_WRITE', ...REMOTE })).toMatchObject({
    ok: false,
    error: { errno: 'EINVAL' },
  });
  expect(postSend(lone.qp, { wrId: 1, opcode: 'SEND' })).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
});

test('UD-2: a message longer than the MTU completes and is not sent; one as long is', () => {
  const lone = ud({ nic: { limits: { maxMtu: 1024 } } });
  const to = destination(lone);
  expect(lone.send({ wrId: 1, opcode: 'SEND', sgList: [lone.piece(0, 1025)], ud: to })).toEqual([]);
  expect(lone.send({ wrId: 2, opcode: 'SEND', sgList: [lone.piece(0, 1024)], ud: to })).toEqual(['UD_SEND_ONLY 100']);
  expect(lone.done()).toEqual(['1 SUCCESS', '2 SUCCESS']);
});

test('UD-5: a remote Q_Key with the highest bit set stands for the QP’s own', () => {
  const lone = ud();
  unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', ud: destination(lone, 0x55, 0x80000001) }));
  lone.nic.tick(0);
  expect(lone.sent()).toMatchObject([{ qkey: QKEY }]);
});

test('UD-10: datagrams are accepted whatever their PSN and sender', () => {
  const lone = ud();
  [5, 3, 3, 900].forEach((number, wrId) => {
    lone.recv(wrId);
    lone.get('UD_SEND_ONLY', number, FROM, ip(`10.0.0.${number % 200}`));
  });
  expect(lone.done()).toEqual(['0 SUCCESS', '1 SUCCESS', '2 SUCCESS', '3 SUCCESS']);
});

test('UD-11: a datagram with another Q_Key is dropped and counted', () => {
  const lone = ud();
  lone.recv(1);
  lone.get('UD_SEND_ONLY', 0, { ...FROM, qkey: qkey(QKEY + 1) });
  expect([lone.done(), lone.nic.counters.drops.WRONG_QKEY]).toEqual([[], 1]);
});

test('UD-12: a datagram without a receive, or longer than it less 40 bytes, is dropped and the receive kept', () => {
  const lone = ud();
  lone.get('UD_SEND_ONLY', 0, FROM);
  lone.recv(1, 0, 44);
  lone.get('UD_SEND_ONLY', 1, { ...FROM, payload: new Uint8Array(5) });
  expect([lone.done(), lone.nic.counters.drops.NO_RECEIVE, lone.nic.counters.drops.NOT_ALLOWED]).toEqual([[], 1, 1]);
  lone.get('UD_SEND_ONLY', 2, { ...FROM, payload: new Uint8Array(4) });
  expect(lone.done()).toEqual(['1 SUCCESS']);
});

test('UD-15: a receive that cannot be written to completes with LOC_PROT_ERR and ends the QP', () => {
  const lone = ud();
  unwrap(postRecv(lone.qp, [{ wrId: 1, sgList: [{ ...lone.piece(0, 100), lkey: 3 }] }, { wrId: 2 }]));
  lone.get('UD_SEND_ONLY', 0, { ...FROM, payload: new Uint8Array(4) });
  expect([lone.done(), lone.state]).toEqual([['1 LOC_PROT_ERR', '2 WR_FLUSH_ERR'], 'ERR']);
});

test('UD-13, UD-14: the buffer begins with the network header, which the completion counts; it names the sender', () => {
  const lone = ud();
  lone.recv(1);
  lone.get('UD_SEND_ONLY_WITH_IMM', 0, { ...FROM, imm: 6, payload: pattern(10) });
  expect(lone.wcs()).toEqual([
    {
      wrId: 1,
      status: 'SUCCESS',
      opcode: 'RECV',
      byteLen: 50,
      qpNum: lone.qp.qpNum,
      imm: 6,
      invalidatedRkey: undefined,
      srcQp: 0x4321,
      grh: true,
    },
  ]);
  expect([...lone.bytes.subarray(0, 21)]).toEqual([...Array(20).fill(0), 0x45]);
  expect([...lone.bytes.subarray(32, 40)]).toEqual([10, 0, 0, 2, 10, 0, 0, 1]);
  expect(lone.bytes.subarray(40, 50)).toEqual(pattern(10));
});

test('UD-13: over IPv6 it is the IPv6 header', () => {
  const here = ip('fd00::1');
  const lone = ud({ nic: { addresses: [HERE, here] } });
  lone.recv(1);
  const way = path(ip('fd00::2'), here, 0xc000);
  const bytes = encodePacket(
    makePacket('UD_SEND_ONLY', qpn(lone.qp.qpNum), psn(0), { ...FROM, payload: new Uint8Array(3) }),
    way,
  );
  expect(decodePacket(bytes, way).ok).toBe(true);
  lone.nic.receive(bytes, way, 0);
  expect(lone.bytes[0]).toBe(0x60);
  expect(lone.bytes[23]).toBe(2);
  expect(lone.bytes[39]).toBe(1);
});

test('VRB-18: multicast, broadcast and no address at all are refused, of an AH and of a connected QP', () => {
  const lone = ud({ nic: { addresses: [HERE, ip('fd00::1')] } });
  const refused = ['224.0.0.1', '239.255.0.9', '255.255.255.255', '0.0.0.0', 'ff02::1', '::'];
  for (const address of refused) {
    const attr = { dgid: ip(address) };
    expect(createAh(lone.pd, attr)).toMatchObject({ ok: false, error: { errno: 'EINVAL' } });
    const rc = new Lone({ state: 'INIT', nic: { addresses: [HERE, ip('fd00::1')] } });
    const rtr = { pathMtu: 256, destQpNum: 9, rqPsn: 0, maxDestRdAtomic: 1, minRnrTimer: 1 } as const;
    expect(modifyQp(rc.qp, { qpState: 'RTR', ahAttr: attr, ...rtr })).toMatchObject({ error: { errno: 'EINVAL' } });
  }
  for (const address of ['223.255.255.255', '240.0.0.1', 'ff::1', 'fe80::1', '127.0.0.1'])
    unwrap(createAh(lone.pd, { dgid: ip(address) }));
  const wr = { wrId: 1, opcode: 'SEND' } as const;
  expect(postSend(lone.qp, { ...wr, ud: destination(lone, 0xffffff) })).toMatchObject({ error: { errno: 'EINVAL' } });
  unwrap(postSend(lone.qp, { ...wr, ud: destination(lone, 0xfffffe) }));
});
