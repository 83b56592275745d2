/**
 * The tables as Murphi, for Rumur: its own search, network, settled states and service, so that REC-1 and THM-1 have a
 * second judge. Its `liveness P` says that from every reachable state one with P can be reached.
 */
import { SAFETY } from '../../model/properties.ts';
import type { Contract } from '../../model/service.ts';
import type { Claim } from './exported.ts';
import { MACHINERY } from './murphi-machinery.ts';
import type { SideTables, Step, Tables } from './tables.ts';

/** No reachable state has this combination. */
const HOLE = -2;
const UNCHANGED = -1;

type Run = { readonly upTo: number; readonly value: number };

/** Equal neighbours in one. */
const runsOf = (cells: readonly number[]): readonly Run[] => {
  const runs: Run[] = [];
  for (const [at, value] of cells.entries())
    if (runs.at(-1)?.value === value) runs[runs.length - 1] = { upTo: at, value };
    else runs.push({ upTo: at, value });
  return runs;
};

const choose = (runs: readonly Run[], indent: string): string => {
  const [only] = runs;
  if (runs.length === 1 && only) return `${indent}return ${only.value};\n`;
  const half = runs.length >> 1;
  const bound = runs[half - 1]?.upTo ?? 0;
  const [below, above] = [runs.slice(0, half), runs.slice(half)].map((part) => choose(part, `${indent} `));
  return `${indent}if key <= ${bound} then\n${below}${indent}else\n${above}${indent}end;\n`;
};

/** Murphi has no constant arrays: a table is a function that halves. */
const table = (name: string, cells: readonly number[]): string =>
  `function ${name}(key: Number): Number;\nbegin\n${choose(runsOf(cells.length > 0 ? cells : [0]), ' ')}end;\n`;

const most = (numbers: readonly number[]): number => numbers.reduce((max, n) => Math.max(max, n), 0);
const bit = (yes: boolean): number => (yes ? 1 : 0);

/** What the consumer of an end has seen (chapter 70, THM-1). */
const END = { open: 0, ended: 1, lost: 2, none: 3 } as const;
const UNSEEN = ['SAFE-1', 'SAFE-2', 'SAFE-3'] as const;

const factTables = (name: 'A' | 'B', { facts, factsAt }: SideTables): string => {
  const is = factsAt.map(({ broken, lost, ended }) => {
    if (UNSEEN.some((id) => broken.includes(id))) return END.none;
    if (lost) return END.lost;
    return ended ? END.ended : END.open;
  });
  return [
    table(`facts${name}`, facts),
    table(`is${name}`, is),
    table(
      `executed${name}`,
      factsAt.map(({ executed }) => executed),
    ),
    table(
      `completed${name}`,
      factsAt.map(({ completed }) => completed),
    ),
    table(
      `calm${name}`,
      factsAt.map(({ calm }) => bit(calm)),
    ),
    table(
      `complete${name}`,
      factsAt.map(({ complete }) => bit(complete)),
    ),
    table(
      `over${name}`,
      factsAt.map(({ ended, lost }) => bit(ended || lost)),
    ),
  ].join('');
};

const sideText = (name: 'A' | 'B', side: SideTables, packets: number): string => {
  const steps: Step[] = [];
  const append = (more: readonly Step[]): number => steps.push(...more) - more.length;
  const first = side.local.flatMap((byRecord) => byRecord.map((list) => (list ? append(list) : HOLE)));
  const count = side.local.flatMap((byRecord) => byRecord.map((list) => list?.length ?? 0));
  const arrivals = side.arrivals.flatMap((byPacket) =>
    byPacket.map((step) => (step === undefined ? HOLE : step === 'unchanged' ? UNCHANGED : append([step]))),
  );
  if (arrivals.length !== side.facts.length * packets) throw new RangeError(`arrivals of ${name} are no rectangle`);
  const column = (key: keyof Step) =>
    table(
      `${key}${name}`,
      steps.map((step) => step[key]),
    );
  return [
    ...(['next', 'burst', 'broken', 'need'] as const).map(column),
    table(`first${name}`, first),
    table(`count${name}`, count),
    table(`arrival${name}`, arrivals),
    table(`record${name}`, side.record),
    table(`moving${name}`, side.moving.map(bit)),
    table(
      `forged${name}`,
      side.forgeries.map((list) => list.length),
    ),
    table(
      `forgery${name}`,
      side.forgeries.flatMap((list) => padded(list, widest(side.forgeries), 0)),
    ),
    factTables(name, side),
  ].join('');
};

const widest = (lists: readonly (readonly number[])[]): number => Math.max(1, most(lists.map(({ length }) => length)));
const padded = (list: readonly number[], width: number, filler: number): readonly number[] =>
  Array.from({ length: width }, (_, k) => list[k] ?? filler);

const networkText = ({ packets, bursts, verdicts }: Tables): string => {
  const safety = (bits: number | undefined) => (bits === undefined ? HOLE : bits & ((1 << SAFETY.length) - 1));
  return [
    table('towardsA', [0, ...packets.map(({ side }) => bit(side === 'A'))]),
    table('place', [0, ...packets.map(({ place }) => place + 1)]),
    table('room', [0, ...packets.map(({ room }) => room)]),
    table(
      'roomOfBurst',
      bursts.map((burst) => burst.reduce((sum, id) => sum + (packets[id]?.room ?? 0), 0)),
    ),
    table(
      'lengthOfBurst',
      bursts.map(({ length }) => length),
    ),
    table(
      'packetOfBurst',
      bursts.flatMap((burst) =>
        padded(
          burst.map((id) => id + 1),
          widest(bursts),
          0,
        ),
      ),
    ),
    table(
      'verdict',
      verdicts.flatMap((row) => row.map(safety)),
    ),
  ].join('');
};

const contractText = (contract: Contract): string =>
  (['A', 'B'] as const)
    .flatMap((side) => {
      const { posted, mayEnd, mayBeLost } = contract[side];
      return [`posted${side}: ${posted};`, `mayEnd${side}: ${bit(mayEnd)};`, `mayBeLost${side}: ${bit(mayBeLost)};`];
    })
    .join('\n  ');

/** A property that falls has to be met; one that holds must not be: Rumur counts the one and stops at the other. */
const judgements = (fallen: ReadonlySet<string>): string =>
  SAFETY.map((id, k) => {
    const falls = `has(bits, ${1 << k})`;
    return fallen.has(id) ? `  cover "${id}" ${falls};` : `  assert "${id}" !${falls};`;
  }).join('\n');

/** @param title one line that says which protocol and scenario these are. */
export const murphi = (title: string, tables: Tables, { falls, contract }: Claim): string => {
  const { A, B } = tables.sides;
  const fallen = new Set<string>(falls);
  const steps = (side: SideTables) => most(side.local.flatMap((row) => row.map((list) => list?.length ?? 0)));
  const forgeries = (side: SideTables) => widest(side.forgeries);
  const known = [...SAFETY, 'THM-1'].filter((id) => fallen.has(id)).join(', ') || 'none';
  return `-- ${title}
-- A side is a number, the network a sorted list of packets; what each may do is read from tables. Exploration by godwit:
-- ${tables.states} states, ${tables.transitions} transitions; falls: ${falls.join(', ') || 'nothing'}.
--
--   rumur --deadlock-detection off FILE -o model.c && gcc -O2 -std=c11 -mcx16 -o model model.c -lpthread && ./model
--
-- Properties that fall (${known}) are covers, which have to be hit; the others are assertions. REC-1 is the liveness
-- property: from every state a settled one can be reached. It is judged when nothing else is wrong.
const
  Capacity: ${tables.capacity};
  MostLost: ${tables.lose};
  MostDuplicated: ${tables.duplicate};
  MostForged: ${tables.forge};
  Packets: ${tables.packets.length};
  Records: ${tables.records};
  LongestBurst: ${widest(tables.bursts)};
  FactsOfB: ${B.factsAt.length};
  MostForgeriesA: ${forgeries(A)};
  MostForgeriesB: ${forgeries(B)};
  Hole: ${HOLE};
  Unchanged: ${UNCHANGED};
  Open: ${END.open};
  Ended: ${END.ended};
  Lost: ${END.lost};
  NoService: ${END.none};
  ${contractText(contract)}

type
  Number: -2..100000000;
  Slot: 0..Capacity - 1;

var
  a: 0..${A.facts.length - 1};
  b: 0..${B.facts.length - 1};
  net: array [Slot] of 0..Packets;
  lost: 0..MostLost;
  duplicated: 0..MostDuplicated;
  forged: 0..MostForged;

${networkText(tables)}
${sideText('A', A, tables.packets.length)}
${sideText('B', B, tables.packets.length)}
${MACHINERY({
  startA: A.start,
  startB: B.start,
  stepsA: steps(A),
  stepsB: steps(B),
  forgeries: forgeries(A) + forgeries(B),
  judge: judgements(fallen),
  transparent: fallen.has('THM-1') ? 'cover "THM-1" !same' : 'assert "THM-1" same',
})}`;
};
