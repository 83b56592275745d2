import { Column } from './column.ts';
import { type Edges, ROW } from './edges.ts';
import type { Level } from './level.ts';
import { room } from './room.ts';

/** Targets of all edges, state by state in order of discovery, whatever the order in which they were expanded. */
export class EdgeLog {
  readonly #targets = new Column();
  readonly #starts = new Column();

  get targets(): Uint32Array {
    return new Uint32Array(this.#targets.cells.buffer, 0, this.#targets.length);
  }
  /** Where the targets of each state begin, and where those of the last end. */
  get starts(): Uint32Array {
    return new Uint32Array(this.#starts.cells.buffer, 0, this.#starts.length);
  }

  /** Makes room for so many more targets. @throws OutOfRoom, with nothing changed */
  reserve(more: number): void {
    this.#targets.reserve(more);
  }

  /** The next state's targets begin, so many edges after those pushed. @throws OutOfRoom */
  begin(ahead: number): void {
    this.#starts.push(this.#targets.length + ahead);
  }

  /** Adds the targets of a batch, for which there is room. */
  add({ cells, end }: Edges): void {
    const targets = this.#targets.cells;
    let { length } = this.#targets;
    for (let at = ROW.to; at < end; at += ROW.width, length += 1) targets[length] = cells[at] as number;
    this.#targets.length = length;
  }

  /** A level is expanded to its end: its targets are put into the order of its states. @throws OutOfRoom */
  finish(level: Level): void {
    if (!level.isSorted) return;
    const count = level.end - level.start;
    const [targets, starts] = [this.#targets.cells, this.#starts.cells];
    const first = starts[level.start] as number;
    const begins = room(count + 1);
    begins.set(starts.subarray(level.start, level.end));
    begins[count] = this.#targets.length;
    const old = room(this.#targets.length - first);
    old.set(targets.subarray(first, this.#targets.length));
    const placeOf = room(count);
    for (let place = 0; place < count; place += 1) placeOf[level.at(level.start + place) - level.start] = place;
    let to = first;
    for (let k = 0; k < count; k += 1) {
      starts[level.start + k] = to;
      const place = placeOf[k] as number;
      const end = begins[place + 1] as number;
      for (let from = begins[place] as number; from < end; from += 1, to += 1)
        targets[to] = old[from - first] as number;
    }
  }

  /** Forgets the edges of states that are not expanded; one more start says where the last end. @throws OutOfRoom */
  close(expanded: number, states: number): void {
    if (expanded < this.#starts.length) {
      this.#targets.length = this.#starts.at(expanded);
      this.#starts.length = expanded;
    }
    while (this.#starts.length <= states) this.#starts.push(this.#targets.length);
  }

  /** Empty, its memory given back. */
  clear(): void {
    this.#targets.clear();
    this.#starts.clear();
  }
}
