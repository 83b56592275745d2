/** The tables as Promela: Spin explores the same states with its own search, its own network and its own verdicts. */
import { SAFETY } from '../../model/properties.ts';
import { SETTLED } from '../checker/compiled.ts';
import { FAIRNESS } from './promela-fairness.ts';
import { HOLE, READER, SETTLED_BIT, UNCHANGED } from './promela-reader.ts';
import type { SideTables, Step, Tables } from './tables.ts';

const most = (numbers: readonly number[]): number => numbers.reduce((max, n) => Math.max(max, n), 0);

/** The narrowest C type that holds the numbers. */
const typeFor = (numbers: readonly number[]): string => {
  if (most(numbers) >= 1 << 15) return 'int';
  return numbers.every((n) => n >= 0 && n < 1 << 8) ? 'unsigned char' : 'short';
};

const wrapped = (items: readonly (number | string)[]): string => {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line.length > 110) {
      lines.push(line);
      line = '';
    }
    line += `${item},`;
  }
  return [...lines, line].join('\n');
};

const block = (text: string): string => `c_decl {\n${text}\n}`;

const array = (name: string, numbers: readonly number[]): string =>
  block(`static const ${typeFor(numbers)} ${name}[${Math.max(numbers.length, 1)}] = {\n${wrapped(numbers)}\n};`);

/** Rows of a table in one block of C: Spin takes no block beyond 64 KB. */
const PART = 6;

/** A table in parts, each in a block of its own: ROW finds the part. */
const grid = (name: string, rows: readonly (readonly number[])[]): string => {
  const type = typeFor(rows.flat());
  const width = Math.max(1, rows[0]?.length ?? 1);
  const parts = Array.from({ length: Math.ceil(rows.length / 2 ** PART) }, (_, k) =>
    rows.slice(k << PART, (k + 1) << PART),
  );
  const texts = parts.map((part, k) => {
    const body = part.map((row) => `{${wrapped(row)}}`).join(',\n');
    return block(`static const ${type} ${name}_${k}[${part.length}][${width}] = {\n${body}\n};`);
  });
  const index = wrapped(parts.map((_, k) => `${name}_${k}`));
  return [...texts, block(`static const ${type} (*const ${name}[])[${width}] = {\n${index}\n};`)].join('\n');
};

/** A place to begin in a list that grows; what is added there. */
const laidEndToEnd = <T>(list: T[], items: readonly T[]): number => list.push(...items) - items.length;

const sideText = (name: 'A' | 'B', side: SideTables): string => {
  const steps: Step[] = [];
  const forgeries: number[] = [];
  const first = side.local.map((byRecord) => byRecord.map((list) => (list ? laidEndToEnd(steps, list) : HOLE)));
  const count = side.local.map((byRecord) => byRecord.map((list) => list?.length ?? 0));
  const arrivals = side.arrivals.map((byPacket) =>
    byPacket.map((step) =>
      step === undefined ? HOLE : step === 'unchanged' ? UNCHANGED : laidEndToEnd(steps, [step]),
    ),
  );
  const due = side.due.flatMap((byRecord) => byRecord.flatMap((list) => list ?? []));
  const states = side.record.map((record, id) => {
    const forged = side.forgeries[id] ?? [];
    const moves = side.moving[id] ? 1 : 0;
    return [record, moves, side.facts[id] ?? 0, laidEndToEnd(forgeries, forged), forged.length];
  });
  return [
    grid(
      `steps${name}`,
      [...steps, { next: 0, burst: 0, broken: 0, need: 0 }].map((step) => [
        step.next,
        step.burst,
        step.broken,
        step.need,
      ]),
    ),
    array(`due${name}`, due),
    grid(`first${name}`, first),
    grid(`count${name}`, count),
    grid(`arrival${name}`, arrivals),
    grid(`state${name}`, states),
    array(`forgery${name}`, forgeries),
  ].join('\n');
};

const tablesText = (tables: Tables): string => {
  const bursts: number[] = [];
  const begins = tables.bursts.map((packets) =>
    laidEndToEnd(
      bursts,
      packets.map((id) => id + 1),
    ),
  );
  const judged = (bits: number | undefined) => {
    if (bits === undefined) return HOLE;
    return (bits & (SETTLED_BIT - 1)) | (bits & SETTLED ? SETTLED_BIT : 0);
  };
  return [
    sideText('A', tables.sides.A),
    sideText('B', tables.sides.B),
    array('towardsA', [0, ...tables.packets.map(({ side }) => (side === 'A' ? 1 : 0))]),
    array('place', [0, ...tables.packets.map(({ place }) => place + 1)]),
    array('room', [0, ...tables.packets.map(({ room }) => room)]),
    array('burst', bursts),
    array('begins', [...begins, bursts.length]),
    grid(
      'verdicts',
      tables.verdicts.map((row) => row.map(judged)),
    ),
  ].join('\n');
};

/** Promela has byte, short and int. */
const variable = (values: number): string => (values <= 1 << 8 ? 'byte' : values <= 1 << 15 ? 'short' : 'int');

/** @param title one line that says which protocol and scenario these are. */
export const promela = (title: string, tables: Tables): string => {
  const { A, B } = tables.sides;
  const steps = (side: SideTables) => most(side.local.flatMap((row) => row.map((list) => list?.length ?? 0)));
  const forgeries = most(A.forgeries.map((list) => list.length)) + most(B.forgeries.map((list) => list.length));
  const each = (name: string, count: number): readonly string[] =>
    Array.from(
      { length: count },
      (_, k) => `  :: d_step { c_expr { ${name} (${k}) && goes () } -> c_code { take(); }; assert(judged == 0) }`,
    );
  const slots = tables.capacity;
  return `/*
 * ${title}
 * A side is a number, the network a sorted list of packets; what each may do is read from tables. Exploration by godwit:
 * ${tables.states} states, ${tables.transitions} transitions; falls: ${tables.fallen.join(', ') || 'nothing'}.
 *
 *   spin -a FILE && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -c0 -m10000000 -w26
 *
 * Spin counts the initial state's arrival as a transition. Every property is reported once, by a line "falls: ID".
 * LIVE-1 falls where this finds an acceptance cycle:
 *
 *   spin -DLIVE -a FILE && gcc -O2 -DNOREDUCE -o pan pan.c && ./pan -a -A -E -m10000000 -w26
 */
c_decl {
#define CAPACITY ${slots}
#define LOSE ${tables.lose}
#define DUPLICATE ${tables.duplicate}
#define FORGE ${tables.forge}
#define STEPS_A ${steps(A)}
#define STEPS_B ${steps(B)}
#define PACKETS ${tables.packets.length}
#define FAIR_LOCAL ${tables.fairActions}
#define ROW(table, i) table[(i) >> ${PART}][(i) & ${2 ** PART - 1}]
enum { NEXT, BURST, BROKEN, NEED };
enum { RECORD, MOVING, FACTS, FORGERY, FORGED };
static const char *const properties[] = { ${SAFETY.map((id) => `"${id}"`).join(', ')} };
}
${tablesText(tables)}
hidden int judged;
${variable(A.record.length)} a = ${A.start};
${variable(B.record.length)} b = ${B.start};
${variable(tables.packets.length + 1)} net[${slots}];
byte lost, duplicated, forged;
#ifdef LIVE
byte phase, round;
short waits;
int seen[${Math.ceil((tables.packets.length + 1) / 31)}];
#endif
c_code {${READER}}
#ifdef LIVE
c_code {${FAIRNESS}}
ltl LIVE_1 { <> [] (round == 0) }
#else
c_code {
#define goes() 1
}
#endif
active proctype system() {
  do
#ifdef LIVE
  :: d_step { c_expr { mayLoop () } -> c_code { now.phase = LOOP; now.round = 0; } }
  :: d_step { c_expr { ends () } -> c_code { now.phase = OVER; now.round = 1; } }
  :: d_step { c_expr { now.phase == OVER } -> c_code { now.round = 1; } }
  :: else -> c_code { now.round = 0; }; break
#endif
${[
  ...each('localOfA', steps(A)),
  ...each('localOfB', steps(B)),
  ...each('arrives', slots),
  ...(tables.lose > 0 ? each('lose', slots) : []),
  ...(tables.duplicate > 0 ? each('duplicate', slots) : []),
  ...(tables.forge > 0 ? each('forge', forgeries) : []),
].join('\n')}
  od
}
`;
};
