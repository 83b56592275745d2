import type { QpContext } from '../../model/context.ts';
import type { Envelope, Host, Side } from '../../model/packet.ts';
import type { Copy, Protocol } from '../../model/protocol.ts';
import type { Party, Scenario } from '../../model/scenario.ts';
import type { SideState } from '../../model/side-state.ts';
import { otherSide, SIDES, type State } from '../../model/system.ts';
import { Compiled } from './compiled.ts';
import { type Edges, ROW } from './edges.ts';
import { Rows } from './rows.ts';

/** A renaming of sides and hosts under which a scenario stays what it is. */
export type Symmetry = { readonly swaps: boolean; readonly hosts: readonly Host[] };

const permutations = (n: number): readonly (readonly number[])[] =>
  n === 0
    ? [[]]
    : permutations(n - 1).flatMap((rest) =>
        Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
      );

const withoutRoute = ({ route, ...party }: Party): string => JSON.stringify(party);

/**
 * Every symmetry of a scenario but the identity. Hosts count only by where routes name them, so that two ends with equal
 * parties, each at its own hosts, can be swapped, and hosts that no route names are all the same.
 */
export const symmetriesOf = ({ sides, faults }: Scenario): readonly Symmetry[] => {
  const hosts = 1 + Math.max(...SIDES.flatMap((side) => sides[side].route));
  const equal = withoutRoute(sides.A) === withoutRoute(sides.B);
  const both = faults.dark.includes('A') === faults.dark.includes('B');
  const maps = (order: readonly number[], from: Side, to: Side) =>
    sides[from].route.map((host) => order[host]).join() === sides[to].route.join();
  return permutations(hosts).flatMap((order): readonly Symmetry[] => {
    const isIdentity = order.every((host, k) => host === k);
    const stays = !isIdentity && maps(order, 'A', 'A') && maps(order, 'B', 'B');
    const swaps = equal && both && maps(order, 'A', 'B') && maps(order, 'B', 'A');
    return [...(stays ? [{ swaps: false, hosts: order }] : []), ...(swaps ? [{ swaps: true, hosts: order }] : [])];
  });
};

/** What a symmetry makes of the states of one scenario; numbers are those of the compiled tables. */
class Image {
  readonly #compiled: Compiled;
  readonly #symmetry: Symmetry;
  readonly #sides = { A: new Rows(), B: new Rows() };
  readonly #pairs = new Rows();
  readonly #networks = new Rows();

  constructor(compiled: Compiled, symmetry: Symmetry) {
    this.#compiled = compiled;
    this.#symmetry = symmetry;
  }

  pair(pair: number): number {
    return this.#pairs.at(pair, 0, this.#pairOf);
  }
  network(n: number): number {
    return this.#networks.at(n, 0, (id) => this.#compiled.network.intern(this.#network(id)));
  }

  readonly #pairOf = (pair: number): number => {
    const { both } = this.#compiled;
    const [a, b] = [this.#of('A', both.pairs.a(pair)), this.#of('B', both.pairs.b(pair))];
    return this.#symmetry.swaps ? both.id(b, a) : both.id(a, b);
  };

  #of(side: Side, id: number): number {
    const to = this.#symmetry.swaps ? otherSide(side) : side;
    return this.#sides[side].at(id, 0, (state) => this.#compiled[to].intern(this.#side(side, to, state)));
  }

  #host(host: Host): Host {
    return this.#symmetry.hosts[host] ?? host;
  }

  #side(from: Side, to: Side, id: number): SideState {
    const { machines } = this.#compiled;
    const state = this.#compiled[from].state(id);
    const local = (copy: number) => (copy === 0 ? 0 : machines[to].admit(this.#copy(machines[from].copy(copy))));
    const copies: number[] = state.copies.map(() => 0);
    for (const [host, copy] of state.copies.entries()) copies[this.#host(host)] = local(copy);
    const { value, context } = machines[from].coordinator(state.coordinator);
    const route = context.route.map((host) => this.#host(host));
    return {
      ...state,
      copies,
      image: local(state.image),
      kept: state.kept.map(local),
      coordinator: machines[to].coordinatorAt(value, { ...context, route }),
    };
  }

  #copy({ value, context }: Copy): Copy {
    const { host, peerHost, forwardTo, asked } = context;
    const renamed: Partial<QpContext> = {
      host: this.#host(host),
      // A copy that is gone knows no peer: the model puts the same number there for all.
      peerHost: value.self === 'GONE' ? peerHost : this.#host(peerHost),
      forwardTo: this.#host(forwardTo),
      asked: asked.map((answer) => ({ ...answer, at: this.#host(answer.at) })),
    };
    return { value, context: { ...context, ...renamed } };
  }

  #network(id: number): State['network'] {
    const network = this.#compiled.network.state(id);
    return { ...network, packets: network.packets.map((envelope) => this.#envelope(envelope)) };
  }

  #envelope({ from, to, side, packet }: Envelope): Envelope {
    const renamed = 'origin' in packet ? { ...packet, origin: this.#host(packet.origin) } : packet;
    const towards = this.#symmetry.swaps ? otherSide(side) : side;
    return { from: this.#host(from), to: this.#host(to), side: towards, packet: renamed };
  }
}

/**
 * A scenario in which states that a symmetry turns into each other count as one: every edge leads to the one with the
 * smallest numbers. For safety only: what happens for ever to one end cannot be told from what happens to both in turn.
 */
export class Reduced extends Compiled {
  readonly order: number;
  readonly #images: readonly Image[];
  #pair = 0;
  #network = 0;

  constructor(protocol: Protocol, scenario: Scenario) {
    super(protocol, scenario);
    const symmetries = symmetriesOf(scenario);
    this.order = symmetries.length + 1;
    this.#images = symmetries.map((symmetry) => new Image(this, symmetry));
  }

  override intern(state: State): readonly [number, number, number] {
    const [a, b, n] = super.intern(state);
    this.#least(this.both.id(a, b), n);
    const { pairs } = this.both;
    return [pairs.a(this.#pair), pairs.b(this.#pair), this.#network];
  }

  override edges(pair: number, n: number, into: Edges): void {
    const before = into.end;
    super.edges(pair, n, into);
    const { cells, end } = into;
    for (let at = before; at < end; at += ROW.width) {
      this.#least(cells[at + ROW.pair] as number, cells[at + ROW.network] as number);
      cells[at + ROW.pair] = this.#pair;
      cells[at + ROW.network] = this.#network;
    }
  }

  /** How many states of the scenario one state here stands for. */
  weight(pair: number, n: number): number {
    const orbit = this.#images.map((image) => `${image.pair(pair)},${image.network(n)}`);
    return new Set([`${pair},${n}`, ...orbit]).size;
  }

  #least(pair: number, n: number): void {
    this.#pair = pair;
    this.#network = n;
    for (const image of this.#images) {
      const [other, network] = [image.pair(pair), image.network(n)];
      if ((other - this.#pair || network - this.#network) >= 0) continue;
      this.#pair = other;
      this.#network = network;
    }
  }
}
