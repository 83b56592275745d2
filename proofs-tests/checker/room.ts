/** Memory for the search: how much there is, and what happens when it ends. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memory that could not be had, or more states than the tables can number. What was found until then stands. */
export class OutOfRoom extends Error {
  override readonly name = 'OutOfRoom';
}

/** A zeroed array. @throws OutOfRoom where the machine has no memory for it. */
export const room = (length: number): Int32Array => {
  try {
    return new Int32Array(length);
  } catch (error) {
    if (error instanceof RangeError) throw new OutOfRoom(`no memory for ${4 * length} bytes`);
    throw error;
  }
};

/** The same numbers with room for more. @throws OutOfRoom */
export const wider = (cells: Int32Array, length: number): Int32Array => {
  const next = room(length);
  next.set(cells);
  return next;
};

/** What V8 counts as limit for young objects, at its defaults: nothing that lasts can live there. */
const YOUNG = 48 * 2 ** 20;

/** Share of the heap for what lasts that may be full: the rest is for telling what was found. */
const FULL = 0.8;

/** Heap in use from which on it is worth to look what of it is garbage. */
let suspicious = 0;

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

/** @throws OutOfRoom when objects fill the heap: V8 would soon end the process, and say nothing of what was found. */
export const heapRoom = (): void => {
  const { heap_size_limit, used_heap_size } = getHeapStatistics();
  const full = FULL * (heap_size_limit - YOUNG);
  if (used_heap_size < Math.max(full, suspicious)) return;
  collectGarbage();
  const { used_heap_size: lasting } = getHeapStatistics();
  if (lasting >= full) throw new OutOfRoom(`objects take ${lasting} bytes of a heap of ${heap_size_limit}`);
  suspicious = (lasting + heap_size_limit - YOUNG) / 2;
};

/** What finds a state takes up to four words, and 31 bits number the words. */
const NUMBERED = 2 ** 29;

/** Bytes for each state at the worst moment, when an array and its wider copy stand side by side. */
const BYTES = { states: 64, graph: 160 } as const;

/** What a search keeps: the states with their predecessors, or all edges too, as REC-1 and LIVE-1 need them. */
export type Keep = keyof typeof BYTES;

/** How many states fit into this many bytes. */
export const statesIn = (bytes: number, keep: Keep): number => Math.min(NUMBERED, Math.floor(bytes / BYTES[keep]));

/** How many states fit into a share of the memory that this machine can give now, a fifth left to others. */
export const statesThatFit = (keep: Keep, share: number): number =>
  statesIn(0.8 * share * process.availableMemory(), keep);
