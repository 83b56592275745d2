/** Runs at random, as fast-check draws and shrinks them: every fault, message and move is a record of its own. */
import * as fc from 'fast-check';
import type { Fault } from '../../impl/sim/faults.ts';
import { MTUS } from '../../impl/wire/mtu.ts';
import { type Move, type Run, type RunMessage, SHORT } from './run.ts';

/** The PSNs at which a run begins: anywhere, mostly where it wraps within the run. */
export const firstPsn = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 40 }).map((below) => 0xffffff - below) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffff }) },
);

/** Mostly one packet, sometimes some; sizes just at, below and above a packet's. */
export const lengths = (mtu: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 32 }) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((packets) => packets * mtu) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 5 * mtu }) },
  );

export const message = (mtu: number): fc.Arbitrary<RunMessage> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ bytes: lengths(mtu) }) },
    { weight: 2, arbitrary: fc.record({ bytes: lengths(mtu), imm: fc.integer({ min: 0, max: 0xffffffff }) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('WRITE' as const), bytes: lengths(mtu) }) },
    { weight: 2, arbitrary: fc.record({ op: fc.constant('READ' as const), bytes: lengths(mtu) }) },
    { weight: 1, arbitrary: fc.constant({ op: 'ATOMIC' as const, bytes: 8 }) },
  );

/** Nanoseconds: from overtaking the next packet to outlasting ACK timeouts. */
export const anyPause = fc.oneof(fc.integer({ min: 1, max: SHORT }), fc.integer({ min: SHORT, max: 4_000_000 }));

/** The published protocol takes a resume that outlives the next move for a new one: then packets are late by little. */
const fault = (moves: number, packets: number): fc.Arbitrary<Fault> => {
  const devices = 2 + moves;
  const pause = moves > 1 ? fc.integer({ min: 1, max: SHORT }) : anyPause;
  const place = { nic: fc.nat(devices - 1), packet: fc.nat(packets) };
  return fc.oneof(
    { weight: 3, arbitrary: fc.record({ ...place, kind: fc.constant('drop' as const) }) },
    { weight: 1, arbitrary: fc.record({ ...place, kind: fc.constant('duplicate' as const), after: pause }) },
    { weight: 1, arbitrary: fc.record({ ...place, kind: fc.constant('delay' as const), by: pause }) },
  );
};

/** Each fault costs at most one of the seven retries of a QP: fewer of them never exhaust it. */
const MOST_FAULTS = 6;

const move: fc.Arbitrary<Move> = fc.record({
  side: fc.constantFrom('A', 'B'),
  afterEvents: fc.oneof({ weight: 3, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(200) }),
  blackout: fc.integer({ min: 0, max: 3_000_000 }),
  oldCopyGoes: fc.constantFrom('at resume', 'at dump', 'never'),
});

export type Shape = {
  readonly connections: number;
  /** Most messages of a connection and direction. */
  readonly messages: number;
  /** All connections and directions carry as many messages as they may. */
  readonly full?: true;
  readonly moves: { readonly min: number; readonly max: number };
};

export const SMALL: Shape = { connections: 2, messages: 6, moves: { min: 0, max: 1 } };

export const runs = ({ connections, messages, full, moves }: Shape = SMALL): fc.Arbitrary<Run> =>
  fc
    .record({
      mtu: fc.constantFrom(...MTUS),
      connections: fc.integer({ min: full ? connections : 1, max: connections }),
      moves: fc.array(move, { minLength: moves.min, maxLength: moves.max }),
    })
    .chain(({ mtu, connections: count, moves: drawn }) => {
      const stream = fc.record({
        firstPsn,
        messages: fc.array(
          fc.array(message(mtu), { minLength: full ? messages : 0, maxLength: messages, size: 'max' }),
          { minLength: count, maxLength: count },
        ),
      });
      return fc.record({
        version: fc.constant(1 as const),
        kind: fc.constant('run' as const),
        mtu: fc.constant(mtu),
        window: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(64)),
        timeout: fc.constant(8),
        retryCnt: fc.constant(7),
        rnrRetry: fc.constant(7),
        rnrTimer: fc.constantFrom(5, 9, 12),
        depth: fc.integer({ min: 1, max: 16 }),
        receives: fc.record({
          early: fc.oneof(fc.constant(64), fc.integer({ min: 0, max: 4 })),
          at: fc.integer({ min: 0, max: 2_000_000 }),
        }),
        sends: fc.record({ A: stream, B: stream }),
        moves: fc.constant(drawn),
        faults: fc.array(fault(drawn.length, 60), { maxLength: MOST_FAULTS }),
      });
    });
