/** What a protocol must survive, each as a change to one plain migration; alone and in pairs they are explored with --deep. */
import type { NamedScenario } from './load.ts';
import { type ScenarioSource, scenarioFileSchema } from './schema.ts';

type Work = NonNullable<NonNullable<NonNullable<ScenarioSource['sides']>['A']>['work']>;
type Patch = {
  /** Hosts that A, or B, goes on to. */
  readonly further?: { readonly A?: readonly number[]; readonly B?: readonly number[] };
  readonly work?: { readonly A?: Work; readonly B?: Work };
  readonly party?: { readonly A?: object; readonly B?: object };
  readonly bounds?: NonNullable<ScenarioSource['bounds']>;
  readonly assumptions?: NonNullable<ScenarioSource['assumptions']>;
  readonly faults?: NonNullable<ScenarioSource['faults']>;
  readonly capacity?: number;
  /** Adversities that this one cannot go with. */
  readonly excludes?: readonly string[];
};

const RETRY_ONCE = { retryCnt: 1 } as const;

export const ADVERSITIES: Readonly<Record<string, Patch>> = {
  'a-packet-is-lost': { faults: { lose: 1 } },
  'a-packet-comes-twice': { faults: { duplicate: 1 } },
  'timeouts-fire-at-any-time': { assumptions: { timers: 'any' } },
  'sources-are-not-checked': { bounds: { sourceCheck: false } },
  'both-ends-migrate': { further: { B: [3] } },
  'one-end-moves-on': { further: { A: [4] } },
  'one-end-comes-back': { further: { A: [0] } },
  'a-stranger-gets-the-old-qpn': { faults: { reuse: true } },
  'the-old-host-goes-dark': { bounds: RETRY_ONCE, faults: { dark: ['A', 'B'] } },
  'the-target-dies-before-activation': { faults: { abort: true, targetDies: ['before'] } },
  'the-target-dies-after-activation': { bounds: RETRY_ONCE, faults: { targetDies: ['after'] } },
  'the-migration-is-aborted': { faults: { abort: true } },
  'the-coordinator-crashes': { faults: { crash: true } },
  'the-peer-is-in-rtr': {
    work: { A: ['SEND'] },
    party: { B: { verbs: 'RTR', work: [] } },
    excludes: [
      'the-peer-drains',
      'a-read-is-in-progress',
      'an-atomic-is-in-progress',
      'a-write-is-in-progress',
      'psns-wrap',
    ],
  },
  'the-peer-drains': {
    party: { B: { consumer: ['modify.sqd', 'modify.rts'] } },
    excludes: ['the-peer-is-moved-to-err'],
  },
  'the-peer-is-moved-to-err': { bounds: RETRY_ONCE, party: { B: { consumer: ['modify.err'] } } },
  'the-peer-resets-its-qp': {
    bounds: RETRY_ONCE,
    party: { B: { consumer: ['modify.reset'] } },
    excludes: ['the-peer-drains', 'the-peer-is-moved-to-err'],
  },
  'the-migrating-qp-drains': { work: { A: ['SEND'] }, party: { A: { consumer: ['modify.sqd', 'modify.rts'] } } },
  'psns-wrap': { work: { B: ['SEND', 'SEND', 'SEND'] }, bounds: { psnModulus: 8, initialPsn: 6 } },
  'a-read-is-in-progress': { work: { B: [{ op: 'READ', packets: 2 }] }, capacity: 4 },
  'an-atomic-is-in-progress': { work: { B: ['ATOMIC'] } },
  'a-write-is-in-progress': { work: { B: [{ op: 'WRITE', packets: 2 }] } },
  'control-messages-are-forged': { faults: { forge: 1 } },
  'messages-of-an-earlier-connection-arrive': { faults: { forge: 1, earlier: true } },
  'the-application-has-another-connection': { party: { A: { otherConnection: true } } },
  'the-record-answers-later': { assumptions: { record: 'later' } },
  'the-peer-lacks-the-extension': { party: { B: { capable: false } } },
};

const merged = (patches: readonly Patch[]): Omit<ScenarioSource, 'version' | 'says'> => {
  const workOf = (side: 'A' | 'B') => patches.flatMap((patch) => patch.work?.[side] ?? []);
  const further = (side: 'A' | 'B') => patches.flatMap((patch) => patch.further?.[side] ?? []);
  const party = (side: 'A' | 'B') => Object.assign({}, ...patches.map((patch) => patch.party?.[side] ?? {})) as object;
  const ofB = workOf('B');
  return {
    sides: {
      A: { route: [0, 2, ...further('A')], work: workOf('A'), ...party('A') },
      B: { route: [1, ...further('B')], work: ofB.length > 0 ? ofB : ['SEND'], ...party('B') },
    },
    bounds: Object.assign({ psnModulus: 8 }, ...patches.map(({ bounds }) => bounds ?? {})),
    assumptions: Object.assign({}, ...patches.map(({ assumptions }) => assumptions ?? {})),
    faults: Object.assign({}, ...patches.map(({ faults }) => faults ?? {})),
    capacity: Math.max(3, ...patches.map(({ capacity }) => capacity ?? 0)),
  };
};

const scenario = (names: readonly string[]): NamedScenario => {
  const patches = names.map((name) => ADVERSITIES[name] ?? {});
  const file = { version: 1, says: `One end migrates: ${names.join(', and ')}.`, deep: true, ...merged(patches) };
  const read = scenarioFileSchema.parse({ ...file, expected: { godwit: 'holds' } });
  return { name: ['one-end-migrates', ...names].join('+'), ...read };
};

const agree = (one: string, other: string): boolean =>
  !ADVERSITIES[one]?.excludes?.includes(other) && !ADVERSITIES[other]?.excludes?.includes(one);

/** Every adversity alone, then every pair that can go together. */
export const adversityScenarios = (): readonly NamedScenario[] => {
  const names = Object.keys(ADVERSITIES);
  const pairs = names.flatMap((one, k) =>
    names.slice(k + 1).flatMap((other) => (agree(one, other) ? [[one, other]] : [])),
  );
  return [...names.map((name) => [name]), ...pairs].map(scenario);
};
