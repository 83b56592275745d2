// Owns a client of the key-value store: get, put and add by one-sided operations; the server's processor takes no part.
import { postSend, type Qp, type SendWr, unwrap } from '../index.ts';
import { type Endpoint, poll, type Resources } from './connection.ts';
import { decodeSlot, encodeSlot, homeOf, NO_KEY, SLOT_BYTES, type Slot } from './kv-table.ts';
import { RunFailed } from './ranks.ts';

/** Where things lie in the client's memory: a slot on its way in, one on its way out, a word for answers. */
const IN = 0;
const OUT = SLOT_BYTES;
const WORD = 2 * SLOT_BYTES;
export const CLIENT_BYTES = WORD + 8;

type Found = { readonly index: number; readonly slot: Slot };

/** What went otherwise than at first attempt. */
export type Conflicts = { lostRaces: number; rereads: number };

export class KvClient {
  readonly conflicts: Conflicts = { lostRaces: 0, rereads: 0 };
  readonly #resources: Resources;
  readonly #qp: Qp;
  readonly #server: Endpoint;
  readonly #slots: number;
  #wrId = 0;

  constructor(resources: Resources, qp: Qp, server: Endpoint, slots: number) {
    this.#resources = resources;
    this.#qp = qp;
    this.#server = server;
    this.#slots = slots;
  }

  /** The value of a key; undefined if it has none. One READ where nobody writes. */
  async get(key: bigint): Promise<Uint8Array | undefined> {
    const { slot } = await this.#find(key);
    return slot.key === key ? slot.value : undefined;
  }

  /** Sets the value of a key: compare-and-swap locks the version, a WRITE brings the slot, a second one unlocks it. */
  async put(key: bigint, value: Uint8Array): Promise<void> {
    await this.update(key, () => value);
  }

  /** As `put`, with a value made from the one there is. Nobody else changes it meanwhile. */
  async update(key: bigint, change: (before: Uint8Array | undefined) => Uint8Array): Promise<void> {
    for (;;) {
      const { index, slot } = await this.#find(key);
      const { version } = slot;
      if ((await this.#compareAndSwap(index, version, version + 1n)) !== version) {
        this.conflicts.lostRaces++;
        continue;
      }
      const out = this.#resources.bytes.subarray(OUT, OUT + SLOT_BYTES);
      encodeSlot(out, { version: version + 2n, key, value: change(slot.key === key ? slot.value : undefined) });
      this.#post({ ...this.#at(index, 8), opcode: 'RDMA_WRITE', sgList: this.#local(OUT + 8, SLOT_BYTES - 8) });
      await this.#run({ ...this.#at(index, 0), opcode: 'RDMA_WRITE', sgList: this.#local(OUT, 8) });
      return;
    }
  }

  /** Adds to the counter behind the table by FETCH_ADD; returns what it was. */
  async count(amount: bigint): Promise<bigint> {
    const { addr, rkey } = this.#server;
    const remoteAddr = addr + this.#slots * SLOT_BYTES;
    await this.#run({
      opcode: 'ATOMIC_FETCH_AND_ADD',
      compareAdd: amount,
      remoteAddr,
      rkey,
      sgList: this.#local(WORD, 8),
    });
    return this.#word();
  }

  /** The slot of a key, or the first empty one where it would be. */
  async #find(key: bigint): Promise<Found> {
    const home = homeOf(key, this.#slots);
    for (let step = 0; step < this.#slots; step++) {
      const index = (home + step) % this.#slots;
      const slot = await this.#read(index);
      if (slot.key === key || slot.key === NO_KEY) return { index, slot };
    }
    throw new RunFailed(`the table of ${this.#slots} slots is full`);
  }

  /** Reads a slot until it is whole and nobody holds its lock. */
  async #read(index: number): Promise<Slot> {
    for (;;) {
      await this.#run({ ...this.#at(index, 0), opcode: 'RDMA_READ', sgList: this.#local(IN, SLOT_BYTES) });
      const slot = decodeSlot(this.#resources.bytes.subarray(IN, IN + SLOT_BYTES));
      if (slot !== undefined) return slot;
      this.conflicts.rereads++;
    }
  }

  async #compareAndSwap(index: number, compareAdd: bigint, swap: bigint): Promise<bigint> {
    const to = this.#at(index, 0);
    await this.#run({ ...to, opcode: 'ATOMIC_CMP_AND_SWP', compareAdd, swap, sgList: this.#local(WORD, 8) });
    return this.#word();
  }

  #at(index: number, offset: number): { readonly remoteAddr: number; readonly rkey: number } {
    return { remoteAddr: this.#server.addr + index * SLOT_BYTES + offset, rkey: this.#server.rkey };
  }

  #local(offset: number, length: number): SendWr['sgList'] & object {
    const { addr, lkey } = this.#resources.mr;
    return [{ addr: addr + offset, length, lkey }];
  }

  #word(): bigint {
    return new DataView(this.#resources.bytes.buffer, WORD, 8).getBigUint64(0, true);
  }

  #post(wr: WithoutId, signaled = false): void {
    this.#wrId++;
    unwrap(postSend(this.#qp, { ...wr, wrId: this.#wrId, signaled }));
  }

  /** Posts, and waits for the completion: all that was posted before is complete then, too. */
  async #run(wr: WithoutId): Promise<void> {
    this.#post(wr, true);
    await poll(this.#resources, 1);
  }
}

type WithoutId = SendWr extends infer Each ? (Each extends SendWr ? Omit<Each, 'wrId' | 'signaled'> : never) : never;
