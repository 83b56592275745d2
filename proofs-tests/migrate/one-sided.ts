// Owns the one-sided work of a stream: write into the other end's mailbox, read it back, count the round by an atomic.
// A round that was executed twice, or half, or on other memory does not come out right.
import { type Mr, postSend, type Qp, unwrap, type WorkCompletion } from '../../impl/index.ts';
import { composeRound } from './message.ts';
import type { StreamMemory } from './stream-memory.ts';

/** Work requests of a round. */
export const ROUND_WRS = 3;

/** Posts the next round, unless one is under way, none is due, or the stream does no such work. */
export const beginRound = (qp: Qp, mr: Mr, memory: StreamMemory, wrId: number): void => {
  if (memory.get('oneSided') === 0 || memory.get('pending') > 0) return;
  if (memory.get('rounds') === memory.get('completed')) return;
  const length = composeRound(memory);
  const rkey = memory.get('remoteRkey');
  const local = (offset: number, bytes: number) => [{ addr: mr.addr + offset, length: bytes, lkey: mr.lkey }];
  const mailbox = { wrId, signaled: true, remoteAddr: memory.remoteAddr + memory.place('mailbox'), rkey };
  const counter = { wrId, signaled: true, remoteAddr: memory.remoteAddr + memory.place('counter'), rkey };
  unwrap(postSend(qp, { ...mailbox, opcode: 'RDMA_WRITE', sgList: local(memory.place('written'), length) }));
  unwrap(postSend(qp, { ...mailbox, opcode: 'RDMA_READ', sgList: local(memory.place('readBack'), length) }));
  const sgList = local(memory.place('counter') + 8, 8);
  unwrap(postSend(qp, { ...counter, opcode: 'ATOMIC_FETCH_AND_ADD', compareAdd: 1n, sgList }));
  memory.set('pending', ROUND_WRS);
};

/** Whether one completed operation of the present round did what it was to do. */
const isRight = (memory: StreamMemory, { opcode, byteLen }: WorkCompletion): boolean => {
  switch (opcode) {
    case 'RDMA_READ': {
      const [written, back] = [memory.place('written'), memory.place('readBack')];
      const wrote = memory.bytes.subarray(written, written + byteLen);
      return Buffer.compare(memory.bytes.subarray(back, back + byteLen), wrote) === 0;
    }
    case 'FETCH_ADD':
      return memory.fetched === memory.get('rounds');
    default:
      return opcode === 'RDMA_WRITE';
  }
};

/** Takes one successful completion of the present round; the last one ends it. */
export const completeOneSided = (memory: StreamMemory, wc: WorkCompletion): void => {
  if (!isRight(memory, wc)) memory.add('wrong', 1);
  memory.add('pending', -1);
  if (memory.get('pending') === 0) memory.add('rounds', 1);
};
