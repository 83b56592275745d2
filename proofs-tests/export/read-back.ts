/** Reads the tables of an exported TLA+ module back and searches them, as simply as it can be done: for the tests. */

type Cell = number | boolean | string | readonly Cell[];

/** A definition as data: sequences and sets as arrays, a hole as 0, an unchanged cell as the empty array. */
export const definition = (module: string, name: string): Cell => {
  const pattern = new RegExp(`^${name} == ([\\s\\S]*?)(?=\\n\\w+(?:\\(.*\\))? ==|\\n\\n)`, 'm');
  const [, body] = pattern.exec(module) ?? [];
  if (body === undefined) throw new Error(`the module does not define ${name}`);
  const json = body
    .replace(/<<|\{/g, '[')
    .replace(/>>|\}/g, ']')
    .replaceAll('TRUE', 'true')
    .replaceAll('FALSE', 'false')
    .replaceAll('Hole', '0')
    .replaceAll('Unchanged', '[]');
  return JSON.parse(json);
};

const list = (cell: Cell | undefined): readonly Cell[] => {
  if (!Array.isArray(cell)) throw new TypeError(`no sequence: ${JSON.stringify(cell)}`);
  return cell;
};

const numbers = (cell: Cell | undefined): readonly number[] => list(cell).map(Number);

/** Sides in the order A, B. */
type State = {
  readonly sides: readonly [number, number];
  readonly net: readonly number[];
  /** Losses, duplications, forgeries so far. */
  readonly used: readonly number[];
};

class PlainSearch {
  readonly #module: string;
  readonly #cells = new Map<string, readonly Cell[]>();
  readonly #found: State[] = [];

  constructor(module: string) {
    this.#module = module;
  }

  /** The element of a sequence, counted from 1. */
  #of(name: string, k: number): Cell | undefined {
    const cells = this.#cells.get(name) ?? list(definition(this.#module, name));
    this.#cells.set(name, cells);
    return cells[k - 1];
  }

  #number(name: string): number {
    return Number(definition(this.#module, name));
  }

  #load(net: readonly number[]): number {
    return net.reduce((sum, packet) => sum + Number(this.#of('Room', packet)), 0);
  }

  #go(sides: State['sides'], net: readonly number[], burst: Cell | undefined, used: readonly number[]): void {
    const more = burst === undefined ? [] : numbers(this.#of('Bursts', Number(burst)));
    const all = [...net, ...more].sort((p, q) => p - q);
    if (more.length === 0 || this.#load(all) <= this.#number('Capacity')) this.#found.push({ sides, net: all, used });
  }

  #locals({ sides: [a, b], net, used }: State): void {
    const still = !this.#of('MovingA', a) && !this.#of('MovingB', b);
    const may = (need: Cell | undefined) => need === 0 || (net.length === 0 && (need === 1 || still));
    const steps = (name: string, state: number, record: Cell | undefined) =>
      list(list(this.#of(name, state))[Number(record) - 1]).map(list);
    for (const [next, burst, , need] of steps('LocalA', a, this.#of('RecordB', b)))
      if (may(need)) this.#go([Number(next), b], net, burst, used);
    for (const [next, burst, , need] of steps('LocalB', b, this.#of('RecordA', a)))
      if (may(need)) this.#go([a, Number(next)], net, burst, used);
  }

  #deliver({ sides: [a, b] }: State, packet: number, rest: readonly number[], used: readonly number[]): void {
    const forA = this.#of('TowardsA', packet) === true;
    const row = list(forA ? this.#of('ArrivalA', a) : this.#of('ArrivalB', b));
    const [next, burst] = list(row[packet - 1]);
    if (next === undefined) this.#go([a, b], rest, undefined, used);
    else this.#go(forA ? [Number(next), b] : [a, Number(next)], rest, burst, used);
  }

  #packets(state: State): void {
    const { sides, net, used } = state;
    const most = ['MostLost', 'MostDuplicated', 'MostForged'].map((name) => this.#number(name));
    const spend = (which: number) => used.map((n, k) => (k === which ? n + 1 : n));
    const may = (which: number) => Number(used[which]) < Number(most[which]);
    for (const packet of new Set(net)) {
      const rest = net.filter((_, k) => k !== net.indexOf(packet));
      this.#deliver(state, packet, rest, used);
      if (may(0)) this.#go(sides, rest, undefined, spend(0));
      if (may(1)) this.#deliver(state, packet, net, spend(1));
    }
    if (!may(2) || this.#load(net) >= this.#number('Capacity')) return;
    for (const packet of [...numbers(this.#of('ForgeryA', sides[0])), ...numbers(this.#of('ForgeryB', sides[1]))])
      this.#go(sides, [...net, packet], undefined, spend(2));
  }

  run(): number {
    const start: State = { sides: [this.#number('StartA'), this.#number('StartB')], net: [], used: [0, 0, 0] };
    const seen = new Set([JSON.stringify(start)]);
    const queue = [start];
    for (const state of queue) {
      this.#found.length = 0;
      this.#locals(state);
      this.#packets(state);
      for (const next of this.#found) {
        const key = JSON.stringify(next);
        if (!seen.has(key)) queue.push(next);
        seen.add(key);
      }
    }
    return seen.size;
  }
}

/** How many states a module has whose paths keep no order. */
export const statesOf = (module: string): number => new PlainSearch(module).run();
