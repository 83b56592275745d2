// Makes the two ends of a measured connection.
import {
  allocPd,
  createCq,
  createQp,
  type IpAddress,
  modifyQp,
  type Nic,
  pollCq,
  postRecv,
  postSend,
  regMr,
  type SendWr,
  unwrap,
} from '../../impl/index.ts';

export const MTU = 1024;

/** Requests sent and not answered: of any kind, as many as an RC requester has at most. */
export const WINDOW = 64;

/** Messages posted and not completed at any time: the depth that perftest takes of itself. */
const DEPTH = 128;

export type Operation = 'SEND' | 'RDMA_WRITE' | 'RDMA_READ' | 'ATOMIC_FETCH_AND_ADD';

export const makeEnd = (nic: Nic) => {
  const context = nic.open();
  const pd = unwrap(allocPd(context));
  const cq = unwrap(createCq(context, { cqe: 4096 }));
  const mr = unwrap(regMr(pd, new Uint8Array(1 << 17), 15));
  const cap = { maxSendWr: DEPTH, maxRecvWr: DEPTH };
  return { nic, cq, mr, qp: unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap })) };
};
export type End = ReturnType<typeof makeEnd>;

export const connect = ({ qp }: End, peer: End, dgid: IpAddress): void => {
  unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 15 }));
  const to = { ahAttr: { dgid }, pathMtu: MTU, destQpNum: peer.qp.qpNum, rqPsn: 0 } as const;
  unwrap(modifyQp(qp, { qpState: 'RTR', ...to, maxDestRdAtomic: WINDOW, minRnrTimer: 12 }));
  unwrap(modifyQp(qp, { qpState: 'RTS', timeout: 14, retryCnt: 7, rnrRetry: 7, sqPsn: 0, maxRdAtomic: WINDOW }));
};

/** A stream of equal messages from one end to the other. `poll` takes what has completed, `post` fills the queues. */
export const makeStream = (a: End, b: End, operation: Operation, size: number) => {
  const sgList = [{ addr: a.mr.addr, length: size, lkey: a.mr.lkey }];
  const place = [{ addr: b.mr.addr, length: size, lkey: b.mr.lkey }];
  const remoteAddr = BigInt(b.mr.addr);
  const { rkey } = b.mr;
  const request = (wrId: number, signaled: boolean): SendWr => {
    switch (operation) {
      case 'SEND':
        return { wrId, opcode: 'SEND', sgList, signaled };
      case 'ATOMIC_FETCH_AND_ADD':
        return { wrId, opcode: 'ATOMIC_FETCH_AND_ADD', sgList, signaled, remoteAddr, rkey, compareAdd: 1n };
      default:
        return { wrId, opcode: operation, sgList, signaled, remoteAddr, rkey };
    }
  };
  // Posted again and again, as perftest does; only what completes needs a number of its own.
  const unsignaled = request(0, false);
  const receive = { wrId: 0, sgList: place };
  let posted = 0;
  let done = 0;
  return {
    restart(): void {
      posted = 0;
      done = 0;
    },
    get done(): number {
      return done;
    },
    post(count: number): void {
      for (; posted < count && posted - done < DEPTH; posted++) {
        if (operation === 'SEND') unwrap(postRecv(b.qp, receive));
        const isSignaled = posted % 16 === 15 || posted + 1 === count;
        unwrap(postSend(a.qp, isSignaled ? request(posted, true) : unsignaled));
      }
    },
    poll(): void {
      for (const wc of pollCq(a.cq, 512)) {
        if (wc.status !== 'SUCCESS') throw new Error(`work request ${wc.wrId}: ${wc.status}`);
        done = wc.wrId + 1;
      }
      pollCq(b.cq, 512);
    },
    /** Packets that both devices have sent. */
    get packets(): number {
      return a.nic.counters.packetsSent + b.nic.counters.packetsSent;
    },
  };
};
