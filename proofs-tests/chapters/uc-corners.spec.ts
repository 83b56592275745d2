// Chapters 32, 34: corners of the transports without acknowledgement.
import { expect, test } from 'vitest';
import { createAh, deregMr, postRecv, postSend, regMr, unwrap } from '../../impl/index.ts';
import { Lone, PEER, QKEY } from './lone.ts';
import { MTU } from './rc-stage.ts';

const sgeOf = (mr: { addr: number; lkey: number }, length: number) => ({ addr: mr.addr, length, lkey: mr.lkey });

test('QP-45: a UC QP that is in RTS when the first message comes does not say so', () => {
  const lone = new Lone({ qpType: 'UC' });
  lone.recv(1);
  lone.get('UC_SEND_ONLY', 100);
  expect([lone.done(), lone.events()]).toEqual([['1 SUCCESS'], []]);
});

test('UC-13: a message of which one packet was refused does not complete, and its receive serves the next', () => {
  const lone = new Lone({ qpType: 'UC' });
  lone.recv(1);
  lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  lone.get('UC_SEND_MIDDLE', 101, { payload: new Uint8Array(8) });
  lone.get('UC_SEND_LAST', 102, { payload: new Uint8Array(8) });
  expect([lone.done(), lone.nic.counters.drops.NOT_ALLOWED]).toEqual([[], 2]);
  lone.get('UC_SEND_ONLY', 103, { payload: MTU });
  expect(lone.wcs()).toMatchObject([{ wrId: 1, status: 'SUCCESS', byteLen: 256 }]);
});

test('UC-14: a receive whose memory goes inside a message completes with LOC_PROT_ERR itself, the next is flushed', () => {
  const lone = new Lone({ qpType: 'UC' });
  const mr = unwrap(regMr(lone.pd, new Uint8Array(600), 1));
  unwrap(postRecv(lone.qp, { wrId: 1, sgList: [sgeOf(mr, 600)] }));
  lone.recv(2);
  lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  unwrap(deregMr(mr));
  lone.get('UC_SEND_LAST', 101, { payload: MTU });
  expect([lone.done(), lone.state]).toEqual([['1 LOC_PROT_ERR', '2 WR_FLUSH_ERR'], 'ERR']);
});

test('QP-10, UC-3: a message of which a part cannot be read is not begun', () => {
  const lone = new Lone({ qpType: 'UC' });
  const sgList = [lone.piece(0, 600), { addr: 0, length: 600, lkey: 0x123 }];
  expect(lone.send({ wrId: 1, opcode: 'SEND', sgList })).toEqual([]);
  expect([lone.done(), lone.state]).toEqual([['1 LOC_PROT_ERR'], 'SQE']);
});

test('VRB-43: the lkeys of an inline UC send are not looked at', () => {
  const lone = new Lone({ qpType: 'UC' });
  const sgList = [{ ...lone.piece(0, 8), lkey: 0 }];
  expect(lone.send({ wrId: 1, opcode: 'SEND', inline: true, sgList })).toEqual(['UC_SEND_ONLY 100']);
});

test('UD-1, VRB-26: a datagram asks for a solicited event if its WR does; each flow label is a way of its own', () => {
  const lone = new Lone({ qpType: 'UD' });
  const ports: number[] = [];
  const { nic } = lone;
  const transmit = nic.transmit.bind(nic);
  nic.transmit = (packet, way) => {
    ports.push(way.sourcePort);
    transmit(packet, way);
  };
  for (const [flowLabel, solicited] of [
    [0, false],
    [5, true],
    [0, false],
  ] as const) {
    const ah = unwrap(createAh(lone.pd, { dgid: PEER, flowLabel }));
    unwrap(postSend(lone.qp, { wrId: 1, opcode: 'SEND', solicited, ud: { ah, remoteQpn: 9, remoteQkey: QKEY } }));
  }
  lone.nic.tick(0);
  expect(lone.sent().map(({ solicitedEvent }) => solicitedEvent)).toEqual([false, true, false]);
  expect([new Set(ports).size, ports[0] === ports[2]]).toEqual([2, true]);
});
