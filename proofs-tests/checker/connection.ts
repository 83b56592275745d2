/** One of several connections of a container: explored by itself, looked at state by state. */
import type { Progress } from '../../model/container.ts';
import type { Side } from '../../model/packet.ts';
import { factsOf, isSettled } from '../../model/properties.ts';
import type { Protocol } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { SideEvent, SideState } from '../../model/side-state.ts';
import type { Action, State } from '../../model/system.ts';
import { Compiled } from './compiled.ts';
import { type Exploration, explore } from './explore.ts';
import type { SideTable } from './side-table.ts';

/** What a container shows of one connection in a state. */
export type End = {
  readonly progress: Progress;
  /** Host of the copy that runs; undefined while none does. */
  readonly runsAt: number | undefined;
  readonly answered: boolean;
  /** It has sent a request. */
  readonly used: boolean;
};

export type View = {
  readonly ends: { readonly [side in Side]: End };
  readonly failed: boolean;
  readonly settled: boolean;
  /** Nothing is due but what A still has to post. */
  readonly unposted: boolean;
};

export type Move = { readonly to: number; readonly action: Action };

/** Steps of the ends that wait in a state, whether or not the network lets them happen there. */
export type Waiting = { readonly [side in Side]: readonly SideEvent[] };

export class Connection {
  readonly #compiled: Compiled;
  readonly #exploration: Exploration;
  readonly #view: (state: State) => View;
  readonly #views: View[] = [];
  readonly #moves: (readonly Move[])[] = [];

  /** @throws RangeError where the exploration did not end. */
  constructor(protocol: Protocol, scenario: Scenario) {
    this.#compiled = new Compiled(protocol, scenario);
    this.#exploration = explore(this.#compiled, {});
    if (!this.#exploration.complete) throw new RangeError('a connection is too large');
    const { system } = this.#compiled;
    const facts = { A: factsOf(system, scenario, 'A'), B: factsOf(system, scenario, 'B') };
    const end = (side: Side, state: SideState): End => {
      const { authority, machines } = system.side[side];
      const { at, local } = authority(state);
      const copy = local ? machines.copy(local) : undefined;
      const runs = copy?.value.self === 'RUNNING' || copy?.value.self === 'RESUMING';
      return {
        progress: machines.coordinator(state.coordinator),
        runsAt: runs && at !== 'image' ? at : undefined,
        answered: copy?.value.self === 'RUNNING',
        used: (copy?.context.sent ?? 0) > 0,
      };
    };
    this.#view = ({ sides }) => {
      const [a, b] = [facts.A(sides.A), facts.B(sides.B)];
      const ends = { A: end('A', sides.A), B: end('B', sides.B) };
      const unposted = a.calm && b.calm && b.complete && !ends.A.used;
      return { ends, failed: a.failed || b.failed, settled: isSettled(a, b), unposted };
    };
  }

  view(index: number): View {
    const { states } = this.#exploration;
    this.#views[index] ??= this.#view(this.#compiled.state(states.a(index), states.b(index), states.network(index)));
    return this.#views[index];
  }

  moves(index: number): readonly Move[] {
    const known = this.#moves[index];
    if (known) return known;
    const { states, edges, edgeStart } = this.#exploration;
    const [a, b, n] = [states.a(index), states.b(index), states.network(index)];
    const found: Move[] = [];
    this.#compiled.expand(a, b, n, {
      edge: (_a, _b, _network, _broken, kind, k) =>
        found.push({
          to: edges[(edgeStart[index] as number) + found.length] as number,
          action: this.#compiled.action(a, b, n, kind, k),
        }),
    });
    this.#moves[index] = found;
    return found;
  }

  waiting(index: number): Waiting {
    const { states } = this.#exploration;
    const { A, B } = this.#compiled;
    const [a, b] = [states.a(index), states.b(index)];
    const of = (table: SideTable, id: number, peerRecord: number) =>
      Array.from({ length: table.stepped.at(table.steps(id, peerRecord)) }, (_, k) =>
        table.event(id, peerRecord, k),
      ).filter((event) => event !== undefined);
    return { A: of(A, a, B.record(b)), B: of(B, b, A.record(a)) };
  }
}
