// Images of contexts in many states, as a device has written them.
import { createAh, modifyQp, postRecv, postSend, type SendWr, unwrap } from '../../impl/index.ts';
import { rkey } from '../../impl/wire/numbers.ts';
import { busyPair, fileOf, imageOf } from './image-stage.ts';
import { Lone, type LoneConfig, PEER, QKEY } from './lone.ts';
import { MTU, REMOTE } from './rc-stage.ts';

/** A lone device with sends, receives, and half a message from its peer. */
const working = (config: LoneConfig, finish: (lone: Lone) => void): Buffer => {
  const lone = new Lone(config);
  const { qp, pd } = lone;
  const ah = unwrap(createAh(pd, { dgid: PEER }));
  const ud = config.qpType === 'UD' ? { ud: { ah, remoteQpn: 7, remoteQkey: QKEY } } : {};
  const send: SendWr = { wrId: 1, opcode: 'SEND', signaled: true, sgList: [lone.piece(0, 200)], ...ud };
  if (config.srq !== true) for (let i = 0; i < 4; i++) postRecv(qp, { wrId: 10 + i, sgList: [lone.piece(0, 4096)] });
  for (let i = 0; i < 3; i++) postSend(qp, { ...send, wrId: i, solicited: i === 2 });
  postSend(qp, { wrId: 4, opcode: 'RDMA_READ', sgList: [lone.piece(0, 900)], ...REMOTE });
  postSend(qp, { wrId: 5, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 2n, sgList: [lone.piece(0, 8)], ...REMOTE });
  postSend(qp, { wrId: 6, opcode: 'SEND', inline: new Uint8Array(20) });
  lone.nic.tick(lone.now, 4);
  if (config.qpType === 'UC') lone.get('UC_SEND_FIRST', 100, { payload: MTU });
  else if (config.qpType !== 'UD') {
    const place = { va: BigInt(lone.mr.addr), rkey: rkey(lone.mr.rkey), ackReq: true };
    lone.get('RC_READ_REQUEST', 100, { ...place, dmaLength: 700 });
    lone.get('RC_FETCH_ADD', 103, { ...place, swapAdd: 1n });
    lone.get('RC_WRITE_FIRST', 104, { ...place, dmaLength: 1000, payload: MTU });
  }
  finish(lone);
  return fileOf(imageOf(lone.context));
};

/** Some thirty files. */
export const realImages = (): readonly Buffer[] => {
  const files: Buffer[] = [];
  for (let steps = 0; steps <= 120; steps += 15) {
    const { a, b } = busyPair(steps);
    files.push(fileOf(imageOf(a.context)), fileOf(imageOf(b.context)));
  }
  for (const qpType of ['RC', 'UC', 'UD'] as const) {
    files.push(
      working({ qpType }, () => {}),
      working({ qpType, srq: true }, () => {}),
      working({ qpType }, ({ qp }) => unwrap(modifyQp(qp, { qpState: 'SQD' }))),
      working({ qpType }, ({ qp }) => unwrap(modifyQp(qp, { qpState: 'ERR' }))),
      working({ qpType, state: 'RTR' }, () => {}),
      working({ qpType, state: 'RESET' }, () => {}),
    );
  }
  return files;
};
