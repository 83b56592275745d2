// Owns the keys of a device and the judgement whether a key opens a range. Chapter 40.
import type { MemoryRegion, MemoryWindow, MwBinding } from './region.ts';

/** A key is 24 bits of index and 8 bits that vary between generations of the same index. */
const INDEX_SHIFT = 8;
const MAX_INDEX = 0xffffff;

export const keyIndex = (key: number): number => key >>> INDEX_SHIFT;

/** Entries kept at hand; a power of two. */
const NEAR = 256;

/** Where an entry of a key is kept at hand, if it is. */
const nearPlace = (key: number): number => keyIndex(key) & (NEAR - 1);

/** Regions and windows by key. */
export class KeyTable {
  readonly #byIndex = new Map<number, MemoryRegion | MemoryWindow>();
  /** Of those found lately one for each place: every packet looks for several, as a rule for the same. */
  readonly #near = new Array<MemoryRegion | MemoryWindow | undefined>(NEAR).fill(undefined);
  #last = 0;
  #variant = 0;

  /** A key whose index is free; undefined if all are taken. */
  freeKey(): number | undefined {
    for (let tries = 0; tries <= this.#byIndex.size; tries++) {
      this.#last = this.#last === MAX_INDEX ? 1 : this.#last + 1;
      if (this.#byIndex.has(this.#last)) continue;
      this.#variant = (this.#variant + 0x35) & 0xff;
      return this.#last * 256 + this.#variant;
    }
    return undefined;
  }

  /** Whether an index is taken, whatever its generation. */
  taken(key: number): boolean {
    return this.#byIndex.has(keyIndex(key));
  }

  add(entry: MemoryRegion | MemoryWindow): void {
    this.#byIndex.set(keyIndex(entry.rkey), entry);
    this.#near[nearPlace(entry.rkey)] = entry;
  }

  remove(entry: MemoryRegion | MemoryWindow): void {
    this.#byIndex.delete(keyIndex(entry.rkey));
    this.#near[nearPlace(entry.rkey)] = undefined;
  }

  /** What has exactly this key; undefined if nothing has. */
  find(key: number): MemoryRegion | MemoryWindow | undefined {
    const near = this.#near[nearPlace(key)];
    return near !== undefined && near.rkey === key ? near : this.#findFar(key);
  }

  #findFar(key: number): MemoryRegion | MemoryWindow | undefined {
    const entry = this.#byIndex.get(keyIndex(key));
    if (entry === undefined || entry.rkey !== key) return undefined;
    this.#near[nearPlace(key)] = entry;
    return entry;
  }

  /** The region that an lkey opens for `length` bytes at `addr`, with every bit of `needed`; undefined if it does not. */
  local(key: number, pd: number, addr: number, length: number, needed: number): MemoryRegion | undefined {
    const entry = this.find(key);
    if (entry === undefined || entry.kind === 'MW' || entry.pd !== pd) return undefined;
    return holds(entry, addr, length, needed) && isThere(entry, addr, length) ? entry : undefined;
  }

  //= RC-66
  /** The region beneath what an rkey opens for a peer of QP `qpn`; undefined if it does not open the whole range. */
  remote(key: number, pd: number, qpn: number, addr: number, length: number, needed: number): MemoryRegion | undefined {
    const entry = this.find(key);
    if (entry === undefined || entry.pd !== pd) return undefined;
    const range = entry.kind === 'MR' ? entry : bindingFor(entry, qpn);
    if (range === undefined || !holds(range, addr, length, needed)) return undefined;
    const region = entry.kind === 'MR' ? entry : entry.binding?.region;
    return region !== undefined && isThere(region, addr, length) ? region : undefined;
  }

  /** Whether an rkey grants a peer of QP `qpn` every bit of `needed`, whatever the range. */
  grants(key: number, pd: number, qpn: number, needed: number): boolean {
    const entry = this.find(key);
    if (entry === undefined || entry.pd !== pd) return false;
    const range = entry.kind === 'MR' ? entry : bindingFor(entry, qpn);
    return range !== undefined && (range.access & needed) === needed;
  }
}

/** What a window is bound to, as far as it is open to peers of QP `qpn`. */
const bindingFor = ({ binding }: MemoryWindow, qpn: number): MwBinding | undefined =>
  binding?.qpn === undefined || binding.qpn === qpn ? binding : undefined;

type Range = { readonly addr: number; readonly length: number; readonly access: number };

const covers = (range: Omit<Range, 'access'>, addr: number, length: number): boolean =>
  addr >= range.addr && addr + length <= range.addr + range.length;

const holds = (range: Range, addr: number, length: number, needed: number): boolean =>
  (range.access & needed) === needed && covers(range, addr, length);

//= VRB-7
/** Whether a region still has these bytes of its range: the consumer may have given its buffer away, or shrunk it. */
const isThere = ({ addr: start, bytes }: MemoryRegion, addr: number, length: number): boolean =>
  addr + length - start <= bytes.length;

/** Whether a range lies in a region and its bytes are there. */
export const reaches = (region: MemoryRegion, addr: number, length: number): boolean =>
  covers(region, addr, length) && isThere(region, addr, length);
