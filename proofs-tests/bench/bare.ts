// Owns the bound of the RNIC over UDP: the bare transport moving as many datagrams of the same sizes each way.
import { openTransport, type TransportKind } from '../../impl/udp/open.ts';
import type { Transport } from '../../impl/udp/transport.ts';
import type { IpAddress } from '../../impl/wire/address.ts';

/** Datagrams in one direction: how many, and bytes of their UDP payload. */
export type Flow = { readonly count: number; readonly bytes: number };

/** Datagrams under way at once, as many as an RC requester may have. */
const WINDOW = 64;

/** Two bare transports in one thread: one sends as the window allows, the other answers in proportion. */
export class BareExchange {
  readonly #leader: Transport;
  readonly #follower: Transport;
  readonly #lead: Flow;
  readonly #answers: Flow;
  readonly #payloads: readonly [Uint8Array, Uint8Array];
  #goal = 0;
  #sent = 0;
  #arrived = 0;
  #answered = 0;
  #finish: () => void = () => {};

  private constructor(leader: Transport, follower: Transport, lead: Flow, answers: Flow) {
    this.#leader = leader;
    this.#follower = follower;
    this.#lead = lead;
    this.#answers = answers;
    this.#payloads = [new Uint8Array(lead.bytes).fill(0x5a), new Uint8Array(answers.bytes).fill(0xa5)];
  }

  /** The direction with more datagrams leads. */
  static async open(
    kind: TransportKind,
    [from, to]: readonly [IpAddress, IpAddress],
    flows: readonly [Flow, Flow],
  ): Promise<BareExchange> {
    let exchange: BareExchange | undefined;
    const ignore = { datagram: () => {}, batchEnd: () => {} };
    const answer = { datagram: () => exchange?.took(), batchEnd: () => exchange?.turn() };
    const [lead, answers] = flows[0].count >= flows[1].count ? flows : [flows[1], flows[0]];
    const [leader, follower] = await Promise.all([openTransport(from, ignore, kind), openTransport(to, answer, kind)]);
    exchange = new BareExchange(leader, follower, lead, answers);
    return exchange;
  }

  /** Moves all datagrams once; returns how many, both ways. What is lost is sent again by no one: the rest goes on. */
  run(): Promise<number> {
    this.#goal += this.#lead.count;
    return new Promise((resolve) => {
      const before = this.#arrived + this.#answered;
      this.#finish = () => resolve(this.#arrived + this.#answered - before);
      this.turn();
    });
  }

  took(): void {
    this.#arrived++;
  }

  turn(): void {
    const due = Math.floor((this.#arrived * this.#answers.count) / this.#lead.count);
    for (; this.#answered < due; this.#answered++) this.#follower.send(this.#payloads[1], this.#leader.local);
    this.#follower.flush();
    for (; this.#sent < this.#goal && this.#sent - this.#arrived < WINDOW; this.#sent++)
      this.#leader.send(this.#payloads[0], this.#follower.local);
    this.#leader.flush();
    if (this.#arrived >= this.#goal) this.#finish();
  }

  async close(): Promise<void> {
    await Promise.all([this.#leader.close(), this.#follower.close()]);
  }
}
