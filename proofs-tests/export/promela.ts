/** The tables as Promela: Spin explores the same states with its own search, its own network and its own verdicts. */
import { SAFETY } from '../../model/properties.ts';
import type { SideTables, Step, Tables } from './tables.ts';

/** No reachable state has this combination; reaching it ends the run. */
const HOLE = -2;
const UNCHANGED = -1;

/** The narrowest C type that holds the numbers. */
const typeFor = (numbers: readonly number[]): string => {
  const most = numbers.reduce((max, n) => Math.max(max, n), 0);
  const least = numbers.reduce((min, n) => Math.min(min, n), 0);
  if (least >= 0 && most < 1 << 8) return 'unsigned char';
  return least >= -(1 << 15) && most < 1 << 15 ? 'short' : 'int';
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
  return [...lines, line].join('\n    ');
};

const array = (name: string, numbers: readonly number[]): string =>
  `  static const ${typeFor(numbers)} ${name}[${Math.max(numbers.length, 1)}] = {\n    ${wrapped(numbers.length === 0 ? [0] : numbers)}\n  };`;

const grid = (name: string, rows: readonly (readonly number[])[]): string => {
  const type = typeFor(rows.flat());
  const width = Math.max(1, rows[0]?.length ?? 1);
  const body = rows.map((row) => `{${wrapped(row.length === 0 ? [0] : row)}}`).join(',\n    ');
  return `  static const ${type} ${name}[${rows.length}][${width}] = {\n    ${body}\n  };`;
};

/** Lists of steps laid end to end: where each begins, and a last place where the last one ends. */
class StepList {
  readonly rows: Step[] = [];
  add(steps: readonly Step[]): number {
    this.rows.push(...steps);
    return this.rows.length - steps.length;
  }
  text(name: string): string {
    const rows = this.rows.map(({ next, burst, broken, need }) => `{${next},${burst},${broken},${need}}`);
    return `  static const struct step ${name}[${rows.length + 1}] = {\n    ${wrapped([...rows, '{0,0,0,0}'])}\n  };`;
  }
}

const sideText = (name: 'A' | 'B', side: SideTables): string => {
  const list = new StepList();
  const first = side.local.map((byRecord) => byRecord.map((steps) => (steps ? list.add(steps) : HOLE)));
  const count = side.local.map((byRecord) => byRecord.map((steps) => steps?.length ?? 0));
  const arrivals = side.arrivals.map((byPacket) =>
    byPacket.map((step) => (step === undefined ? HOLE : step === 'unchanged' ? UNCHANGED : list.add([step]))),
  );
  const forgeries: number[] = [];
  const forged = side.forgeries.map((packets) => forgeries.push(...packets) - packets.length);
  return [
    list.text(`steps${name}`),
    grid(`local${name}`, first),
    grid(`count${name}`, count),
    grid(`arrival${name}`, arrivals),
    array(`record${name}`, side.record),
    array(
      `moving${name}`,
      side.moving.map((moves) => (moves ? 1 : 0)),
    ),
    array(`facts${name}`, side.facts),
    array(`forgery${name}`, forgeries),
    array(`forged${name}`, [...forged, forgeries.length]),
  ].join('\n');
};

const tablesText = (tables: Tables): string => {
  const bursts = tables.bursts.flatMap((packets) => packets.map((id) => id + 1));
  const begins = tables.bursts.map((_, k) => tables.bursts.slice(0, k).reduce((sum, { length }) => sum + length, 0));
  return [
    '  struct step { int next; short burst; short broken; unsigned char need; };',
    sideText('A', tables.sides.A),
    sideText('B', tables.sides.B),
    '  /* Packets are numbered from 1: 0 is a free slot of the network. */',
    array('towardsA', [0, ...tables.packets.map(({ side }) => (side === 'A' ? 1 : 0))]),
    array('place', [0, ...tables.packets.map(({ place }) => place + 1)]),
    array('burst', bursts),
    array('begins', [...begins, bursts.length]),
    grid(
      'verdicts',
      tables.verdicts.map((row) => row.map((bits) => (bits === undefined ? HOLE : bits & ((1 << SAFETY.length) - 1)))),
    ),
    `  static const char *const properties[${SAFETY.length}] = { ${SAFETY.map((id) => `"${id}"`).join(', ')} };`,
  ].join('\n');
};

/** How the tables are read. Each function sets the next state aside and says whether there is one. */
const READER = String.raw`
  static int nextA, nextB, nextLost, nextDuplicated, nextForged, bits;
  static int nextNet[CAPACITY];
  static int fallen, begun;

  static void hole(const char *what)
  {
    printf("the tables have no %s here\n", what);
    exit(3);
  }

  /* The network without the packet in slot gone (-1: with all of them) and with a burst, each packet at its place. */
  static int send(int gone, int which)
  {
    int n = 0, i, j;
    for (i = 0; i < CAPACITY && now.net[i]; i++)
      if (i != gone) nextNet[n++] = now.net[i];
    for (i = begins[which]; i < begins[which + 1]; i++) {
      if (n == CAPACITY) return 0;
      for (j = n; j > 0 && place[nextNet[j - 1]] > place[burst[i]]; j--) nextNet[j] = nextNet[j - 1];
      nextNet[j] = burst[i];
      n++;
    }
    while (n < CAPACITY) nextNet[n++] = 0;
    return 1;
  }

  static void stay(void)
  {
    nextA = now.a; nextB = now.b; bits = 0;
    nextLost = now.lost; nextDuplicated = now.duplicated; nextForged = now.forged;
  }

  static int local(const struct step *step)
  {
    if (step->need > 0 && now.net[0]) return 0;
    if (step->need > 1 && (movingA[now.a] || movingB[now.b])) return 0;
    if (!send(-1, step->burst)) return 0;
    stay();
    bits = step->broken;
    return 1;
  }

  static int localOfA(int k)
  {
    int first = localA[now.a][recordB[now.b]];
    if (first < 0) hole("step of A");
    if (k >= countA[now.a][recordB[now.b]] || !local(&stepsA[first + k])) return 0;
    nextA = stepsA[first + k].next;
    return 1;
  }

  static int localOfB(int k)
  {
    int first = localB[now.b][recordA[now.a]];
    if (first < 0) hole("step of B");
    if (k >= countB[now.b][recordA[now.a]] || !local(&stepsB[first + k])) return 0;
    nextB = stepsB[first + k].next;
    return 1;
  }

  /* A slot whose packet may move: the first of its place. */
  static int movable(int slot)
  {
    return now.net[slot] && (slot == 0 || place[now.net[slot]] != place[now.net[slot - 1]]);
  }

  static int arrive(int slot, int gone)
  {
    int packet = now.net[slot], forA = towardsA[packet];
    int at = forA ? arrivalA[now.a][packet - 1] : arrivalB[now.b][packet - 1];
    const struct step *step = forA ? &stepsA[at] : &stepsB[at];
    if (at == ${HOLE}) hole("arrival");
    if (!send(gone, at == ${UNCHANGED} ? 0 : step->burst)) return 0;
    stay();
    if (at == ${UNCHANGED}) return 1;
    bits = step->broken;
    if (forA) nextA = step->next; else nextB = step->next;
    return 1;
  }

  static int arrives(int slot) { return movable(slot) && arrive(slot, slot); }

  static int lose(int slot)
  {
    if (now.lost >= LOSE || !movable(slot)) return 0;
    send(slot, 0);
    stay();
    nextLost++;
    return 1;
  }

  static int duplicate(int slot)
  {
    if (now.duplicated >= DUPLICATE || !movable(slot) || !arrive(slot, -1)) return 0;
    nextDuplicated++;
    return 1;
  }

  static int forge(int k)
  {
    int ofA = forgedA[now.a + 1] - forgedA[now.a], ofB = forgedB[now.b + 1] - forgedB[now.b];
    int packet, j, n;
    if (now.forged >= FORGE || now.net[CAPACITY - 1] || k >= ofA + ofB) return 0;
    packet = 1 + (k < ofA ? forgeryA[forgedA[now.a] + k] : forgeryB[forgedB[now.b] + k - ofA]);
    send(-1, 0);
    for (n = 0; nextNet[n]; n++) ;
    for (j = n; j > 0 && place[nextNet[j - 1]] > place[packet]; j--) nextNet[j] = nextNet[j - 1];
    nextNet[j] = packet;
    stay();
    nextForged++;
    return 1;
  }

  static int verdict(int a, int b)
  {
    int found = verdicts[factsA[a]][factsB[b]];
    if (found == ${HOLE}) hole("verdict");
    return found;
  }

  /* Takes the step set aside; each property is told once, when it first falls. */
  static void take(void)
  {
    int i;
    if (!begun) { begun = 1; bits |= verdict(now.a, now.b); }
    now.a = nextA; now.b = nextB;
    now.lost = nextLost; now.duplicated = nextDuplicated; now.forged = nextForged;
    for (i = 0; i < CAPACITY; i++) now.net[i] = nextNet[i];
    judged = (bits | verdict(now.a, now.b)) & ~fallen;
    fallen |= judged;
    for (i = 0; i < ${SAFETY.length}; i++)
      if (judged & (1 << i)) printf("falls: %s\n", properties[i]);
  }
`;

/** The widest variable a number needs; Promela has byte, short and int. */
const variable = (most: number): string => (most < 256 ? 'byte' : most < 1 << 15 ? 'short' : 'int');

const most = (numbers: readonly number[]): number => numbers.reduce((max, n) => Math.max(max, n), 0);

/** @param title one line that says which protocol and scenario these are. */
export const promela = (title: string, tables: Tables): string => {
  const { A, B } = tables.sides;
  const steps = (side: SideTables) => most(side.local.flatMap((row) => row.map((list) => list?.length ?? 0)));
  const forgeries = most(A.forgeries.map((list) => list.length)) + most(B.forgeries.map((list) => list.length));
  const each = (name: string, count: number): readonly string[] =>
    Array.from(
      { length: count },
      (_, k) => `  :: d_step { c_expr { ${name} (${k}) } -> c_code { take(); }; assert(judged == 0) }`,
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
 */
c_decl {
#define CAPACITY ${slots}
#define LOSE ${tables.lose}
#define DUPLICATE ${tables.duplicate}
#define FORGE ${tables.forge}
${tablesText(tables)}
}
hidden int judged;
${variable(A.record.length)} a = ${A.start};
${variable(B.record.length)} b = ${B.start};
${variable(tables.packets.length + 1)} net[${slots}];
byte lost, duplicated, forged;
c_code {${READER}}
active proctype system() {
  do
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
