/**
 * Runs in which anything befalls anyone: consumers that modify their QPs when they like, budgets that end, memory that is
 * not there, migrations that overlap, fail, and return, packets that nobody sent. Each step is compared with the model.
 */
import * as fc from 'fast-check';
import { MTUS } from '../../impl/wire/mtu.ts';
import { anyPause, firstPsn, message } from './arbitrary.ts';
import {
  type Deed,
  type Move,
  type PlainStream,
  type Run,
  type RunFault,
  type RunMessage,
  SHORT,
  SINGLED,
} from './run.ts';

const side = fc.constantFrom('A' as const, 'B' as const);

/** When something happens: most of a run is over after some dozens of events. */
const soon = fc.oneof({ weight: 4, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(200) });

/** Now and then a message has no memory at one of its ends; then it has a byte to say so by. */
const anyMessage = (mtu: number): fc.Arbitrary<RunMessage> =>
  fc.oneof(
    { weight: 12, arbitrary: message(mtu) },
    {
      weight: 1,
      arbitrary: fc
        .record({ good: message(mtu), bad: fc.constantFrom('at the sender' as const, 'at the peer' as const) })
        .map(({ good, bad }) => ({ ...good, bytes: Math.max(1, good.bytes), bad })),
    },
  );

const fault = (devices: number): fc.Arbitrary<RunFault> => {
  const nic = fc.nat(devices - 1);
  const place = fc.oneof(
    { weight: 2, arbitrary: fc.record({ nic, packet: fc.nat(60) }) },
    { weight: 2, arbitrary: fc.record({ nic, packet: fc.nat(4), among: fc.constantFrom(...SINGLED) }) },
  );
  const effect = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('drop' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('duplicate' as const), after: anyPause }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('delay' as const), by: anyPause }) },
  );
  return fc.tuple(place, effect).map(([where, what]) => ({ ...where, ...what }));
};

const rarely = <T>(value: fc.Arbitrary<T>, weight = 4): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** A record without the fields that are not there. */
const compact = <T extends object>(record: T) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const truth = fc.constant(true as const);

const move: fc.Arbitrary<Move> = fc
  .record({
    side,
    afterEvents: soon,
    settled: rarely(fc.integer({ min: 0, max: 2 * SHORT }), 2),
    during: rarely(truth, 2),
    blackout: fc.oneof(fc.integer({ min: 0, max: 2 * SHORT }), fc.integer({ min: 0, max: 3_000_000 })),
    oldCopyGoes: fc.constantFrom('at resume', 'at resume', 'at dump', 'never', 'dark'),
    back: rarely(truth, 2),
    reuse: rarely(truth),
    fate: rarely(
      fc.constantFrom(
        'given up after the stop',
        'given up after the restore',
        'target dies before the resume',
        'target dies after the resume',
      ),
      6,
    ),
  })
  .map((drawn) => compact(drawn) as Move);

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      at: soon,
      side,
      connection: fc.nat(2),
      does: fc.constant('modify' as const),
      to: fc.constantFrom('SQD', 'SQD', 'RTS', 'RTS', 'ERR', 'RESET', 'INIT', 'RTR'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ at: soon, side, connection: fc.nat(2), does: fc.constant('post' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      at: soon,
      side,
      connection: fc.nat(2),
      does: fc.constant('forge' as const),
      what: fc.constantFrom('NAK_STOPPED', 'RESUME', 'REQUEST'),
      source: fc.constantFrom('peer', 'elsewhere'),
      psn: fc.integer({ min: -4, max: 4 }),
    }),
  },
);

/** Messages that no acknowledgement follows, one in some of which nobody can send. */
const plain = (mtu: number): fc.Arbitrary<PlainStream> => {
  const one: fc.Arbitrary<RunMessage> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ bytes: fc.nat(mtu) }) },
    {
      weight: 1,
      arbitrary: fc.record({ bytes: fc.integer({ min: 1, max: mtu }), bad: fc.constant('at the sender' as const) }),
    },
  );
  const messages = fc.array(one, { maxLength: 6 });
  return fc.record({ type: fc.constantFrom('UC', 'UD'), A: messages, B: messages });
};

/** Mostly endless, sometimes next to nothing. */
const budget = fc.oneof({ weight: 2, arbitrary: fc.constant(7) }, { weight: 1, arbitrary: fc.nat(2) });

const anything: fc.Arbitrary<Run> = fc
  .record({
    mtu: fc.constantFrom(...MTUS),
    connections: fc.integer({ min: 1, max: 2 }),
    moves: fc.oneof(fc.array(move, { maxLength: 1 }), fc.array(move, { maxLength: 3 })),
  })
  .chain(({ mtu, connections, moves }) => {
    const stream = fc.record({
      firstPsn,
      messages: fc.array(fc.array(anyMessage(mtu), { maxLength: 8 }), {
        minLength: connections,
        maxLength: connections,
      }),
    });
    return fc
      .record({
        version: fc.constant(1 as const),
        kind: fc.constant('run' as const),
        mtu: fc.constant(mtu),
        window: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(64)),
        timeout: fc.constant(8),
        retryCnt: budget,
        rnrRetry: budget,
        rnrTimer: fc.constantFrom(5, 9, 12),
        depth: fc.integer({ min: 1, max: 16 }),
        receives: fc.record({
          early: fc.oneof(fc.constant(64), fc.integer({ min: 0, max: 4 })),
          at: fc.integer({ min: 0, max: 2_000_000 }),
        }),
        sends: fc.record({ A: stream, B: stream }),
        moves: fc.constant(moves),
        faults: fc.array(fault(2 + moves.length), { maxLength: 8 }),
        late: rarely(fc.uniqueArray(side, { minLength: 1, maxLength: 2 })),
        deeds: fc.array(deed, { maxLength: 6 }),
        recoveries: fc.nat(2),
        plain: rarely(fc.array(plain(mtu), { minLength: 1, maxLength: 1 }), 2),
      })
      .map((drawn) => compact(drawn) as Run);
  });

const answer = fc.constantFrom('NAK', 'RESPONSE', 'ACK');

/**
 * What chance alone brings about too seldom: answers so late that the requester has been told to pause, has begun again, or
 * has gone past them; behind a READ, and with a receiver that is not ready.
 */
const lateAnswers = fc
  .record({
    mtu: fc.constantFrom(...MTUS),
    reads: fc.array(fc.constantFrom('READ', 'SEND', 'ATOMIC', 'WRITE'), { minLength: 1, maxLength: 5 }),
    packets: fc.integer({ min: 1, max: 3 }),
    retryCnt: fc.constantFrom(7, 0, 1),
    early: fc.nat(2),
    at: fc.integer({ min: 0, max: 2_000_000 }),
    late: fc.array(
      fc.record({
        nic: fc.constant(0),
        packet: fc.nat(3),
        among: answer,
        kind: fc.constant('delay' as const),
        by: fc.integer({ min: 500, max: 20_000 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    lost: rarely(fc.record({ nic: fc.constant(1), packet: fc.nat(4), kind: fc.constant('drop' as const) }), 1),
    more: fc.array(fault(2), { maxLength: 2 }),
    move: rarely(fc.record({ afterEvents: fc.nat(20), blackout: fc.integer({ min: 10_000, max: 1_000_000 }) }), 1),
  })
  .map(({ mtu, reads, packets, retryCnt, early, at, late, lost, more, move: drawn }): Run => {
    const messages = ['READ' as const, ...reads].map(
      (op): RunMessage => ({ op, bytes: op === 'ATOMIC' ? 8 : packets * mtu }),
    );
    const moves = drawn === undefined ? [] : [{ side: 'A' as const, ...drawn, oldCopyGoes: 'at resume' as const }];
    return {
      version: 1,
      kind: 'run',
      mtu,
      window: 64,
      timeout: 8,
      retryCnt,
      rnrRetry: 7,
      rnrTimer: 5,
      depth: 16,
      receives: { early, at },
      sends: { A: { firstPsn: 0, messages: [[]] }, B: { firstPsn: 0xfffffe, messages: [messages] } },
      moves,
      faults: [...late, ...(lost === undefined ? [] : [lost]), ...more],
    };
  });

export const wildRuns: fc.Arbitrary<Run> = fc.oneof(
  { weight: 3, arbitrary: anything },
  { weight: 1, arbitrary: lateAnswers },
);
