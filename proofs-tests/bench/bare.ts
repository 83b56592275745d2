// Owns the bound of the RNIC over UDP: the bare transport moving as many datagrams of the same sizes each way.
import { openTransport, type TransportKind } from '../../impl/udp/open.ts';
import type { Transport } from '../../impl/udp/transport.ts';
import type { IpAddress } from '../../impl/wire/address.ts';
import { WINDOW } from './connect.ts';

/** Datagrams in one direction: how many, and bytes of their UDP payload. */
export type Flow = { readonly count: number; readonly bytes: number };

/** One direction of the exchange. */
class Direction {
  readonly #from: Transport;
  readonly #to: Transport;
  readonly #payload: Uint8Array;
  sent = 0;
  arrived = 0;

  constructor(from: Transport, to: Transport, bytes: number) {
    this.#from = from;
    this.#to = to;
    this.#payload = new Uint8Array(bytes).fill(0x5a);
  }

  /** Sends until so many have been sent in all. */
  sendUpTo(total: number): void {
    for (; this.sent < total; this.sent++) this.#from.send(this.#payload, this.#to.local);
    this.#from.flush();
  }
}

/**
 * Two bare transports in one thread: one leads, as far as the window allows; the other answers in proportion, and its
 * answers open the window, as ACKs do.
 */
export class BareExchange {
  readonly #transports: readonly Transport[];
  readonly #flows: readonly [Flow, Flow];
  readonly #lead: Direction;
  readonly #answers: Direction;
  #goals: readonly [number, number] = [0, 0];
  #finish: () => void = () => {};

  private constructor(leader: Transport, follower: Transport, flows: readonly [Flow, Flow]) {
    this.#transports = [leader, follower];
    this.#flows = flows;
    this.#lead = new Direction(leader, follower, flows[0].bytes);
    this.#answers = new Direction(follower, leader, flows[1].bytes);
  }

  /** The direction with more datagrams leads. */
  static async open(
    kind: TransportKind,
    [from, to]: readonly [IpAddress, IpAddress],
    [there, back]: readonly [Flow, Flow],
  ): Promise<BareExchange> {
    let exchange: BareExchange | undefined;
    const leading = { datagram: () => exchange?.answered(), batchEnd: () => exchange?.go() };
    const following = { datagram: () => exchange?.arrived(), batchEnd: () => exchange?.answer() };
    const [leader, follower] = await Promise.all([
      openTransport(from, leading, kind),
      openTransport(to, following, kind),
    ]);
    exchange = new BareExchange(leader, follower, there.count >= back.count ? [there, back] : [back, there]);
    return exchange;
  }

  /** Moves all datagrams once, to the last answer; returns how many, both ways. None may be lost: nobody sends it again. */
  run(): Promise<number> {
    const [lead, answers] = this.#flows;
    this.#goals = [this.#goals[0] + lead.count, this.#goals[1] + answers.count];
    return new Promise((resolve) => {
      this.#finish = () => resolve(lead.count + answers.count);
      this.go();
    });
  }

  arrived(): void {
    this.#lead.arrived++;
  }

  answered(): void {
    this.#answers.arrived++;
  }

  /** The leader's turn. */
  go(): void {
    const [lead, answers] = this.#flows;
    const [goal, lastAnswer] = this.#goals;
    const open = Math.floor((this.#answers.arrived * lead.count) / answers.count) + WINDOW;
    this.#lead.sendUpTo(Math.min(goal, open));
    if (this.#answers.arrived >= lastAnswer && this.#lead.arrived >= goal) this.#finish();
  }

  /** The follower's turn. */
  answer(): void {
    const [lead, answers] = this.#flows;
    this.#answers.sendUpTo(Math.floor((this.#lead.arrived * answers.count) / lead.count));
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }
}
