/** Global states, three numbers each, in order of discovery; open addressing, linear probing. */
export class StateSet {
  #slots: Int32Array;
  #mask: number;
  #words: Int32Array;
  /** Predecessor of each state; -1 for the first. */
  #parents: Int32Array;
  size = 0;

  constructor(expected = 1 << 12) {
    const slots = 1 << Math.ceil(Math.log2(expected * 2));
    this.#slots = new Int32Array(slots).fill(-1);
    this.#mask = slots - 1;
    this.#words = new Int32Array(3 * expected);
    this.#parents = new Int32Array(expected);
  }

  a(index: number): number {
    return this.#words[3 * index] as number;
  }
  b(index: number): number {
    return this.#words[3 * index + 1] as number;
  }
  network(index: number): number {
    return this.#words[3 * index + 2] as number;
  }
  parent(index: number): number {
    return this.#parents[index] as number;
  }

  /** Bytes that hold the states, with predecessors and slots. */
  get bytes(): number {
    return 4 * (this.#slots.length + this.#words.length + this.#parents.length);
  }

  /** The state's index; `size` grows when it is new. */
  add(a: number, b: number, network: number, parent: number): number {
    const words = this.#words;
    let slot = this.#slotOf(a, b, network);
    for (;;) {
      const index = this.#slots[slot] as number;
      if (index < 0) break;
      const at = 3 * index;
      if (words[at] === a && words[at + 1] === b && words[at + 2] === network) return index;
      slot = (slot + 1) & this.#mask;
    }
    return this.#append(slot, a, b, network, parent);
  }

  #slotOf(a: number, b: number, network: number): number {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(network, 0xc2b2ae35);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    return (hash ^ (hash >>> 13)) & this.#mask;
  }

  #append(slot: number, a: number, b: number, network: number, parent: number): number {
    const index = this.size;
    if (3 * index === this.#words.length) this.#grow();
    const at = 3 * index;
    this.#words[at] = a;
    this.#words[at + 1] = b;
    this.#words[at + 2] = network;
    this.#parents[index] = parent;
    this.#slots[slot] = index;
    this.size += 1;
    if (2 * this.size > this.#mask) this.#rehash();
    return index;
  }

  #grow(): void {
    const wider = (old: Int32Array) => {
      const next = new Int32Array(2 * old.length);
      next.set(old);
      return next;
    };
    this.#words = wider(this.#words);
    this.#parents = wider(this.#parents);
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    this.#mask = this.#slots.length - 1;
    for (let index = 0; index < this.size; index += 1) {
      let slot = this.#slotOf(this.a(index), this.b(index), this.network(index));
      while ((this.#slots[slot] as number) >= 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = index;
    }
  }
}
