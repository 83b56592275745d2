/** Scenario files, the part that the model explores: topology, workload, bounds, assumptions, faults. Left out, a field has its default. */
import { z } from 'zod';
import type { Scenario } from '../../model/scenario.ts';
import { VERBS_STATES } from '../../model/verbs.ts';

/** Hosts 0 to 8; 9 is the attacker. */
export const hostSchema = z.int().min(0).max(8);
export const sideSchema = z.enum(['A', 'B']);

const OPS = ['SEND', 'WRITE', 'READ', 'ATOMIC'] as const;
const CONSUMER = ['modify.sqd', 'modify.rts', 'modify.err', 'modify.reset'] as const;

/** `"SEND"` is a message of one packet. */
const workSchema = z.union([
  z.enum(OPS).transform((op) => ({ op, packets: 1 })),
  z.strictObject({ op: z.enum(OPS), packets: z.int().min(1).max(8).default(1) }),
]);

const partySchema = z.strictObject({
  route: z.array(hostSchema).min(1).readonly(),
  work: z
    .array(workSchema)
    .readonly()
    .default([{ op: 'SEND', packets: 1 }]),
  verbs: z.enum(VERBS_STATES).default('RTS'),
  /** Default: one for every SEND of the peer that is not received late. */
  receives: z.int().min(0).max(16).optional(),
  lateReceives: z.int().min(0).max(16).default(0),
  consumer: z.array(z.enum(CONSUMER)).readonly().default([]),
  capable: z.boolean().default(true),
  otherConnection: z.boolean().default(false),
});

type PartyFile = z.output<typeof partySchema>;

const sends = ({ work }: PartyFile): number => work.filter(({ op }) => op === 'SEND').length;

const settle = (party: PartyFile, peer: PartyFile) => ({
  ...party,
  receives: party.receives ?? Math.max(0, sends(peer) - party.lateReceives),
});

export const sidesSchema = z
  .strictObject({ A: partySchema.prefault({ route: [0] }), B: partySchema.prefault({ route: [1] }) })
  .transform(({ A, B }): Scenario['sides'] => ({ A: settle(A, B), B: settle(B, A) }));

export const boundsSchema = z
  .strictObject({
    psnModulus: z.int().min(2).max(1024).multipleOf(2).default(8),
    initialPsn: z.int().min(0).default(0),
    window: z.int().min(1).max(64).default(2),
    retryCnt: z.int().min(0).max(7).nullable().default(null),
    rnrRetry: z.int().min(0).max(7).nullable().default(null),
    sourceCheck: z.boolean().default(true),
    responderResources: z.int().min(1).max(16).default(1),
  })
  .readonly();

export const assumptionsSchema = z
  .strictObject({
    timers: z.enum(['patient', 'blackout', 'any']).default('blackout'),
    oldCopy: z.enum(['kept', 'resumed', 'dump']).default('resumed'),
    outlives: z.boolean().default(true),
    ordered: z.boolean().default(false),
    record: z.enum(['at once', 'later']).default('at once'),
    orders: z.enum(['once', 'again']).default('once'),
  })
  .readonly();

const times = z.int().min(0).max(7).default(0);

export const faultsSchema = z
  .strictObject({
    lose: times,
    duplicate: times,
    forge: times,
    earlier: z.boolean().default(false),
    abort: z.boolean().default(false),
    crash: z.boolean().default(false),
    dark: z.array(sideSchema).readonly().default([]),
    sourceDies: z.boolean().default(false),
    targetDies: z
      .array(z.enum(['before', 'after']))
      .readonly()
      .default([]),
    reuse: z.boolean().default(false),
  })
  .readonly();

export const worldShape = {
  sides: sidesSchema.prefault({}),
  bounds: boundsSchema.prefault({}),
  /** Packets on their way at once. */
  capacity: z.int().min(1).max(32).default(4),
  assumptions: assumptionsSchema.prefault({}),
  faults: faultsSchema.prefault({}),
};

type World = z.output<z.ZodObject<typeof worldShape>>;
/** The path of a field, and what is wrong with it. */
type Mistake = readonly [path: readonly (string | number)[], message: string];

const mistakesOf = (side: 'A' | 'B', { sides, bounds }: World): readonly Mistake[] => {
  const { route, work } = sides[side];
  const mistakes: Mistake[] = [];
  for (const [hop, host] of route.entries())
    if (hop > 0 && route[hop - 1] === host)
      mistakes.push([['sides', side, 'route', hop], `the QP is at host ${host} already`]);
  for (const [k, { op, packets }] of work.entries()) {
    const place = ['sides', side, 'work', k, 'packets'];
    if (op === 'ATOMIC' && packets !== 1) mistakes.push([place, 'an ATOMIC takes one PSN']);
    if (op === 'READ' && packets > bounds.window)
      mistakes.push([place, `a READ of ${packets} responses never fits a window of ${bounds.window}`]);
  }
  return mistakes;
};

/** What no single field shows. */
export const mistakesIn = (world: World): readonly Mistake[] => {
  const { psnModulus, initialPsn, window } = world.bounds;
  const mistakes: Mistake[] = [...mistakesOf('A', world), ...mistakesOf('B', world)];
  if (psnModulus <= 2 * window)
    mistakes.push([['bounds', 'psnModulus'], `must be more than twice the window of ${window}`]);
  if (initialPsn >= psnModulus) mistakes.push([['bounds', 'initialPsn'], `must be below psnModulus, ${psnModulus}`]);
  return mistakes;
};
