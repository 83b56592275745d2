// Owns one stream: a QP, its registered memory, and what to do with each of its completions.
import { type Mr, postRecv, postSend, type Qp, unwrap, type WorkCompletion } from '../../impl/index.ts';
import { compose, judge } from './message.ts';
import { beginRound, completeOneSided } from './one-sided.ts';
import { type StreamMemory, slotSize } from './stream-memory.ts';

// A work request's id says which message of which direction, or which round of one-sided work, it is for.
const KINDS = 3;
const sendId = (number: number): number => number * KINDS;
const receiveId = (number: number): number => number * KINDS + 1;
const roundId = (number: number): number => number * KINDS + 2;

/** Sends and receives numbered messages. All that it knows lies in its memory. */
export class Stream {
  readonly memory: StreamMemory;
  readonly #qp: Qp;
  readonly #mr: Mr;

  constructor(qp: Qp, mr: Mr, memory: StreamMemory) {
    this.#qp = qp;
    this.#mr = mr;
    this.memory = memory;
  }

  get done(): boolean {
    const { memory } = this;
    const worked = memory.get('oneSided') === 0 || memory.get('rounds') === memory.get('toSend');
    return (
      worked && memory.get('completed') === memory.get('toSend') && memory.get('received') === memory.get('toReceive')
    );
  }

  /** Completions that failed and messages that were wrong. */
  get harmed(): number {
    return this.memory.get('failed') + this.memory.get('wrong');
  }

  /** Posts the receives that a stream begins with. */
  postReceives(): void {
    const { memory } = this;
    for (let n = 0; n < Math.min(memory.get('depth'), memory.get('toReceive')); n++) this.#postReceive(n);
  }

  /** Sends posted and not completed. */
  get outstanding(): number {
    return this.memory.get('posted') - this.memory.get('completed');
  }

  /** Posts the next send if there is one and the window has room; says whether it did. */
  sendNext(): boolean {
    const { memory } = this;
    const number = memory.get('posted');
    if (number === memory.get('toSend') || this.outstanding >= memory.get('window')) return false;
    const length = compose(memory, number);
    const wr = { wrId: sendId(number), signaled: true, sgList: [this.#sge(memory.sendSlot(number), length)] };
    const withImm = memory.get('imm') === 1 && number % 2 === 1;
    unwrap(postSend(this.#qp, withImm ? { ...wr, opcode: 'SEND_WITH_IMM', imm: number } : { ...wr, opcode: 'SEND' }));
    memory.set('posted', number + 1);
    return true;
  }

  /** Takes one completion of this stream's QP; says what it was. */
  complete(wc: WorkCompletion): 'sent' | 'received' | 'round' | 'failed' {
    const { memory } = this;
    const number = Math.floor(wc.wrId / KINDS);
    if (wc.status !== 'SUCCESS') {
      memory.add('failed', 1);
      return 'failed';
    }
    if (wc.wrId === receiveId(number)) {
      this.#received(number, wc);
      return 'received';
    }
    if (wc.wrId === roundId(number)) {
      completeOneSided(memory, wc);
      this.#beginRound();
      return 'round';
    }
    if (number !== memory.get('completed')) memory.add('wrong', 1);
    memory.add('completed', 1);
    this.#beginRound();
    return 'sent';
  }

  #beginRound(): void {
    beginRound(this.#qp, this.#mr, this.memory, roundId(this.memory.get('rounds')));
  }

  #received(number: number, { byteLen, imm }: WorkCompletion): void {
    const { memory } = this;
    const expectedImm = memory.get('imm') === 1 && number % 2 === 1 ? number : undefined;
    const right = number === memory.get('received') && imm === expectedImm;
    if (judge(memory, number, byteLen) !== 'right' || !right) memory.add('wrong', 1);
    memory.add('received', 1);
    memory.receivedBytes += byteLen;
    const next = number + memory.get('depth');
    if (next < memory.get('toReceive')) this.#postReceive(next);
  }

  #postReceive(number: number): void {
    const sgList = [this.#sge(this.memory.receiveSlot(number), slotSize(this.memory.get('mtu')))];
    unwrap(postRecv(this.#qp, { wrId: receiveId(number), sgList }));
  }

  #sge(offset: number, length: number) {
    return { addr: this.#mr.addr + offset, length, lkey: this.#mr.lkey };
  }
}
