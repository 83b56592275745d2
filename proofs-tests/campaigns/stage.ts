/** Where a run takes place: the world, the two parties in it, and what has happened so far. */
import { type IpAddress, ip } from '../../impl/index.ts';
import type { RcQp } from '../../impl/rc/rc-qp.ts';
import type { InFlight } from '../../impl/sim/medium.ts';
import type { Observer, World } from '../../impl/sim/world.ts';
import type { Side } from '../../model/packet.ts';
import { nameOf } from '../refine/call.ts';
import type { Arena } from './arena.ts';
import type { Link } from './link.ts';
import type { Act, Party } from './party.ts';
import type { PlainPair } from './plain-pair.ts';
import type { Plan } from './plan.ts';
import type { Run } from './run.ts';
import type { Struck } from './targeted-faults.ts';

export type Watcher = {
  /** Sees every input with the QPs before and after it: the expensive one. */
  readonly observer?: Observer;
  /** Sees every datagram as it is sent. */
  readonly sent?: (now: number, packet: InFlight) => void;
  /** An end of a connection is about to go to RTR. */
  readonly connecting?: (stage: Stage, side: Side, connection: number) => void;
};

/** A QP that has the number of one of ours, at a host that ours has left. */
export type Stranger = { readonly nic: number; readonly engine: RcQp };

export type Stage = {
  readonly run: Run;
  readonly plan: Plan;
  readonly world: World;
  readonly arena: Arena;
  readonly watcher: Watcher;
  readonly parties: { readonly A: Party; readonly B: Party };
  readonly act: { readonly A: Act; readonly B: Act };
  /** As the run says; looked at after every packet. */
  readonly receives: Run['receives'];
  /** By connection. */
  readonly links: readonly Link[];
  /** QPs of UC and UD. */
  readonly plain: readonly PlainPair[];
  /** Where each side runs, and where it ran before. */
  readonly at: { A: number; B: number };
  readonly left: { A: number | undefined; B: number | undefined };
  /** Consumers have more to look after than completions: they have a turn after every packet. */
  readonly restless: boolean;
  /** Something has been done to the consumers; and when they had their last turn. */
  stirred: boolean;
  lastTurn: number;
  /** Nothing else is left to happen: who waits in RTR or SQD goes on. */
  released: boolean;
  readonly strangers: Stranger[];
  /** Migrations that have begun. */
  migrations: number;
  readonly struck: Struck;
  /** How often what has been done. */
  readonly happened: Map<string, number>;
};

const ADDRESSES = Array.from({ length: 255 }, (_, nic) => ip(`10.0.0.${nic + 1}`));

export const addressOf = (nic: number): IpAddress => ADDRESSES[nic] ?? ip(`10.0.0.${nic + 1}`);

const HOSTS = new Map<string, number>(ADDRESSES.map((address, nic) => [address, nic]));

/** The device that has an address of ours; -1 for none. */
export const hostOf = (address: string): number => HOSTS.get(address) ?? -1;

export const count = ({ happened }: Stage, what: string): void => {
  happened.set(what, (happened.get(what) ?? 0) + 1);
};

/** How a side does something to its device; a name costs, and only an observer reads it. */
export const actOn = (world: World, at: Stage['at'], side: Side, watcher: Watcher): Act =>
  watcher.observer === undefined
    ? (_, action) => action()
    : (call, action) => world.act(at[side], nameOf(call), action);
