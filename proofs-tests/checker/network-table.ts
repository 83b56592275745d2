import { duplicated, EMPTY, forged, lost, type Network } from '../../model/network.ts';
import type { Envelope } from '../../model/packet.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Column } from './column.ts';
import { Contents, EXIT } from './contents.ts';
import { heapRoom, OutOfRoom } from './room.ts';
import { Interner, Rows } from './rows.ts';
import { MOST_NETWORKS } from './state-set.ts';

/**
 * Places in a packet's row: the packet, 1 where it travels towards A, and the network when it arrives, is lost, is
 * duplicated; -1 for "not possible".
 */
export const MOVE = { packet: 0, forA: 1, arrive: 2, lose: 3, duplicate: 4, width: 5 } as const;

/** Networks between two looks at how full the heap is. */
const LOOK = 1 << 12;

const UNKNOWN = -1;

/** Faults that were spent. */
type Spent = Omit<Network, 'packets'>;

/** The network with its states interned: what is on its way, and the faults that were spent. */
export class NetworkTable {
  readonly contents: Contents;
  /** Rows of what may happen to the packets of one state. */
  readonly moved = new Column();
  readonly #spent = new Interner<Spent>();
  readonly #ids = new Rows();
  /** By state: its content, the faults spent, 1 where it is empty, 1 where a packet may be forged; where its moves begin. */
  readonly #content = new Column();
  readonly #faults = new Column();
  readonly #empty = new Column();
  readonly #mayForge = new Column();
  readonly #moves = new Column();
  readonly #sent = new Rows();
  readonly #forged = new Rows();
  readonly #scenario: Scenario;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.contents = new Contents(scenario);
    this.intern(EMPTY);
  }

  get size(): number {
    return this.#content.length;
  }
  get packets(): Interner<Envelope> {
    return this.contents.packets;
  }
  get bursts(): Interner<readonly Envelope[]> {
    return this.contents.bursts;
  }

  state(id: number): Network {
    return { ...this.contents.list(this.#content.at(id)), ...this.#spentAt(id) };
  }

  isEmpty(id: number): boolean {
    return this.#empty.at(id) === 1;
  }
  mayForge(id: number): boolean {
    return this.#mayForge.at(id) === 1;
  }

  /** The network after a burst, or -1 when it cannot carry it. */
  send(id: number, burst: number): number {
    return burst === 0 ? id : this.#sent.at(id, burst, this.#send);
  }

  forge(id: number, packet: number): number {
    return this.#forged.at(id, packet, this.#forge);
  }

  /** Where in `moved` the moves of a state begin: their number, then a row for each. */
  moves(id: number): number {
    const known = this.#moves.at(id);
    return known === UNKNOWN ? this.#movesOf(id) : known;
  }

  /** The packet of the k-th row. */
  movable(id: number, k: number): number {
    return this.moved.at(this.moves(id) + 1 + k * MOVE.width + MOVE.packet);
  }

  /** The number of a network, whoever built it. */
  intern({ packets, ...spent }: Network): number {
    return this.#id(this.contents.id(packets), this.#spend(spent));
  }

  readonly #send = (id: number, burst: number): number => {
    const content = this.contents.added(this.#content.at(id), burst);
    return content < 0 ? -1 : this.#id(content, this.#faults.at(id));
  };

  readonly #forge = (id: number, packet: number): number => {
    const envelope = this.packets.values[packet] as Envelope;
    return this.#id(this.contents.forged(this.#content.at(id), packet), this.#spend(forged(this.state(id), envelope)));
  };

  #movesOf(id: number): number {
    const { contents, moved } = this;
    const { faults } = this.#scenario;
    const [content, spent, before] = [this.#content.at(id), this.#faults.at(id), this.#spentAt(id)];
    const start = moved.length;
    let exit = contents.exitsOf(content);
    const count = contents.exits.at(exit);
    const losing = count > 0 && before.lost < faults.lose ? this.#spend(lost(this.state(id), 0)) : -1;
    const again =
      count > 0 && before.duplicated < faults.duplicate
        ? this.#id(content, this.#spend(duplicated(this.state(id))))
        : -1;
    moved.push(count);
    exit += 1;
    for (let k = 0; k < count; k += 1, exit += EXIT.width) {
      const rest = contents.exits.at(exit + EXIT.rest);
      const packet = contents.exits.at(exit + EXIT.packet);
      moved.push(packet);
      moved.push(contents.isForA(packet) ? 1 : 0);
      moved.push(this.#id(rest, spent));
      moved.push(losing < 0 ? -1 : this.#id(rest, losing));
      moved.push(again);
    }
    this.#moves.cells[id] = start;
    return start;
  }

  #spentAt(id: number): Spent {
    return this.#spent.values[this.#faults.at(id)] as Spent;
  }

  #spend({ lost, duplicated, forged }: Spent): number {
    return this.#spent.id(`${lost},${duplicated},${forged}`, { lost, duplicated, forged });
  }

  #id(content: number, spent: number): number {
    return this.#ids.at(content, spent, this.#add);
  }

  readonly #add = (content: number, spent: number): number => {
    const id = this.size;
    if (id >= MOST_NETWORKS) throw new OutOfRoom(`more than ${MOST_NETWORKS} states of the network`);
    if (id % LOOK === LOOK - 1) heapRoom();
    const { faults, capacity } = this.#scenario;
    const { packets } = this.contents.list(content);
    const { forged } = this.#spent.values[spent] as Spent;
    this.#content.push(content);
    this.#faults.push(spent);
    this.#empty.push(packets.length === 0 ? 1 : 0);
    this.#mayForge.push(forged < faults.forge && this.contents.load(content) < capacity ? 1 : 0);
    this.#moves.push(UNKNOWN);
    return id;
  };
}
