// Chapter 30: which packets reach a QP at all.
import { expect, test } from 'vitest';
import { ip } from '../../impl/index.ts';
import { encodePacket } from '../../impl/wire/encode.ts';
import { pkey, qpn } from '../../impl/wire/numbers.ts';
import { makePacket } from '../../impl/wire/packet.ts';
import { path } from '../../impl/wire/path.ts';
import { psn } from '../../impl/wire/psn.ts';
import { HERE, Lone, PEER } from './lone.ts';

const refused = (lone: Lone, reason: keyof Lone['nic']['counters']['drops']): void => {
  lone.nic.tick(0);
  expect(lone.said()).toEqual([]);
  expect(lone.done()).toEqual([]);
  expect(lone.nic.counters.drops[reason]).toBe(1);
};

test('RC-80: an unknown QPN is dropped and counted', () => {
  const lone = new Lone();
  const way = path(PEER, HERE, 0xc000);
  lone.nic.receive(encodePacket(makePacket('RC_SEND_ONLY', qpn(0x4242), psn(100)), way), way, 0);
  refused(lone, 'UNKNOWN_QPN');
});

test('RC-80: a packet of another transport is dropped and counted', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('UC_SEND_ONLY', 100);
  refused(lone, 'WRONG_SERVICE');
});

test.each([0x7ffe, 0x0000, 0x8000])('RC-80: P_Key %d is dropped and counted', (key) => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100, { pkey: pkey(key), ackReq: true });
  refused(lone, 'WRONG_PKEY');
});

test('RC-80: the P_Key of a limited member is that of a full member', () => {
  const lone = new Lone();
  lone.recv(1);
  expect(lone.exchange('RC_SEND_ONLY', 100, { pkey: pkey(0x7fff), ackReq: true })).toEqual(['ACK 100']);
});

test('RC-80: a packet from another address than the peer’s is dropped and counted', () => {
  const lone = new Lone();
  lone.recv(1);
  lone.get('RC_SEND_ONLY', 100, {}, ip('10.0.0.9'));
  refused(lone, 'WRONG_SOURCE');
});

test('RC-80: a packet to another address than the QP’s is dropped and counted', () => {
  const lone = new Lone();
  lone.recv(1);
  const way = path(PEER, ip('10.0.0.9'), 0xc000);
  lone.nic.receive(encodePacket(makePacket('RC_SEND_ONLY', qpn(lone.qp.qpNum), psn(100)), way), way, 0);
  refused(lone, 'WRONG_DESTINATION');
});

test('RC-82: a CNP is counted and changes nothing else', () => {
  const lone = new Lone();
  lone.get('CNP', 0, { payload: new Uint8Array(16) });
  lone.nic.tick(0);
  expect(lone.said()).toEqual([]);
  expect(lone.nic.counters.cnps).toBe(1);
  expect(Object.values(lone.nic.counters.drops).every((count) => count === 0)).toBe(true);
});
