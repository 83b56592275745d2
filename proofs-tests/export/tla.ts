/** The tables as a TLA+ module for TLC, and its configuration. */
import { SAFETY } from '../../model/properties.ts';
import type { SideTables, Step, Tables } from './tables.ts';

export type TlaModule = { readonly name: string; readonly module: string; readonly cfg: string };

const sequence = (items: readonly string[]): string => `<<${items.join(', ')}>>`;

/** A long sequence, one element a line. */
const lines = (items: readonly string[]): string => `<<\n${items.map((item) => `    ${item}`).join(',\n')}\n  >>`;

const propertySet = (bits: number): string =>
  `{${SAFETY.filter((_, k) => (bits & (1 << k)) !== 0)
    .map((id) => `"${id}"`)
    .join(', ')}}`;

/** Numbers begin at 1 there. */
const step = ({ next, burst, broken, need }: Step): string =>
  sequence([String(next + 1), String(burst + 1), propertySet(broken), String(need)]);

const numbers = (list: readonly number[]): string => sequence(list.map((n) => String(n + 1)));

const side = (name: 'A' | 'B', tables: SideTables): string => {
  const local = tables.local.map((row) => sequence(row.map((steps) => (steps ? sequence(steps.map(step)) : 'Hole'))));
  const arrivals = tables.arrivals.map((row) =>
    sequence(row.map((each) => (each === undefined ? 'Hole' : each === 'unchanged' ? 'Unchanged' : step(each)))),
  );
  return `Start${name} == ${tables.start + 1}
Record${name} == ${numbers(tables.record)}
Moving${name} == ${sequence(tables.moving.map((moves) => (moves ? 'TRUE' : 'FALSE')))}
Facts${name} == ${numbers(tables.facts)}
Local${name} == ${lines(local)}
Arrival${name} == ${lines(arrivals)}
Forgery${name} == ${lines(tables.forgeries.map(numbers))}
`;
};

const HEAD = String.raw`VARIABLES a, b, net, lost, duplicated, forged
vars == <<a, b, net, lost, duplicated, forged>>

CONSTANT Watched  \* properties whose fall ends the search

(* A combination that no reachable state has: neither sequence nor set, so that TLC stops at it. *)
Hole == 0
Unchanged == << >>
`;

const BODY = String.raw`
RECURSIVE Load(_)
Load(packets) == IF packets = << >> THEN 0 ELSE Room[Head(packets)] + Load(Tail(packets))

(* The network is kept sorted by place; packets of one place keep their order. *)
Insert(packets, p) ==
  SelectSeq(packets, LAMBDA q: Place[q] <= Place[p]) \o <<p>> \o SelectSeq(packets, LAMBDA q: Place[q] > Place[p])
RECURSIVE InsertAll(_, _)
InsertAll(packets, more) == IF more = << >> THEN packets ELSE InsertAll(Insert(packets, Head(more)), Tail(more))

Without(i) == SubSeq(net, 1, i - 1) \o SubSeq(net, i + 1, Len(net))
Movable(i) == i = 1 \/ Place[net[i]] # Place[net[i - 1]]
Fits(packets, burst) == Bursts[burst] = << >> \/ Load(packets \o Bursts[burst]) <= Capacity
Sound(broken) == Assert(broken \cap Watched = {}, <<"falls", broken>>)
Allowed(need) == /\ need > 0 => net = << >>
                 /\ need > 1 => ~MovingA[a] /\ ~MovingB[b]

Init == a = StartA /\ b = StartB /\ net = << >> /\ lost = 0 /\ duplicated = 0 /\ forged = 0

LocalOfA == \E k \in 1..Len(LocalA[a][RecordB[b]]) :
  LET step == LocalA[a][RecordB[b]][k] IN
  /\ Allowed(step[4])
  /\ Fits(net, step[2])
  /\ Sound(step[3])
  /\ a' = step[1]
  /\ net' = InsertAll(net, Bursts[step[2]])
  /\ UNCHANGED <<b, lost, duplicated, forged>>

LocalOfB == \E k \in 1..Len(LocalB[b][RecordA[a]]) :
  LET step == LocalB[b][RecordA[a]][k] IN
  /\ Allowed(step[4])
  /\ Fits(net, step[2])
  /\ Sound(step[3])
  /\ b' = step[1]
  /\ net' = InsertAll(net, Bursts[step[2]])
  /\ UNCHANGED <<a, lost, duplicated, forged>>

(* What the packet in place i does when it arrives; rest is the network without it, or with it when it was duplicated. *)
Delivered(i, rest) ==
  LET p == net[i]
      step == IF TowardsA[p] THEN ArrivalA[a][p] ELSE ArrivalB[b][p] IN
  IF Len(step) = 0 THEN a' = a /\ b' = b /\ net' = rest
  ELSE /\ Fits(rest, step[2])
       /\ Sound(step[3])
       /\ a' = (IF TowardsA[p] THEN step[1] ELSE a)
       /\ b' = (IF TowardsA[p] THEN b ELSE step[1])
       /\ net' = InsertAll(rest, Bursts[step[2]])

Arrive == \E i \in 1..Len(net) :
  /\ Movable(i)
  /\ Delivered(i, Without(i))
  /\ UNCHANGED <<lost, duplicated, forged>>

Lose == \E i \in 1..Len(net) :
  /\ lost < MostLost
  /\ Movable(i)
  /\ net' = Without(i)
  /\ lost' = lost + 1
  /\ UNCHANGED <<a, b, duplicated, forged>>

Duplicate == \E i \in 1..Len(net) :
  /\ duplicated < MostDuplicated
  /\ Movable(i)
  /\ Delivered(i, net)
  /\ duplicated' = duplicated + 1
  /\ UNCHANGED <<lost, forged>>

Forge ==
  /\ forged < MostForged
  /\ Load(net) < Capacity
  /\ LET packets == ForgeryA[a] \o ForgeryB[b] IN \E k \in 1..Len(packets) : net' = Insert(net, packets[k])
  /\ forged' = forged + 1
  /\ UNCHANGED <<a, b, lost, duplicated>>

Next == LocalOfA \/ LocalOfB \/ Arrive \/ Lose \/ Duplicate \/ Forge
Spec == Init /\ [][Next]_vars

(* What a state breaks by itself; what a step breaks is asserted where it is taken. *)
Safe == Verdicts[FactsA[a]][FactsB[b]] \cap Watched = {}
`;

const network = (tables: Tables): string => {
  const { packets, bursts, verdicts, capacity, lose, duplicate, forge } = tables;
  return `Capacity == ${capacity}
MostLost == ${lose}
MostDuplicated == ${duplicate}
MostForged == ${forge}
TowardsA == ${sequence(packets.map((packet) => (packet.side === 'A' ? 'TRUE' : 'FALSE')))}
Place == ${sequence(packets.map(({ place }) => String(place)))}
Room == ${sequence(packets.map(({ room }) => String(room)))}
Bursts == ${sequence(bursts.map(numbers))}
Verdicts == ${lines(
    verdicts.map((row) => sequence(row.map((bits) => (bits === undefined ? 'Hole' : propertySet(bits))))),
  )}
`;
};

/** `godwit`, `one-end-migrates`: `GodwitOneEndMigrates`. */
export const moduleName = (...names: readonly string[]): string =>
  names
    .flatMap((name) => name.split(/[^A-Za-z0-9]+/))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** @param title one line that says which protocol and scenario these are. */
export const tla = (title: string, name: string, tables: Tables): TlaModule => {
  const watched = SAFETY.filter((id) => !tables.fallen.includes(id)).map((id) => `"${id}"`);
  const rule = '-'.repeat(20);
  return {
    name,
    module: `${rule} MODULE ${name} ${rule}
(* ${title}
   A side is a number, the network a sorted sequence of packets; what each may do is read from tables. Exploration by
   godwit: ${tables.states} states, ${tables.transitions} transitions; falls: ${tables.fallen.join(', ') || 'nothing'}.

     java -cp tla2tools.jar tlc2.TLC -deadlock ${name}

   has to report ${tables.states} distinct states. Deadlock is no error: a run that is done stops. godwit's own tests read
   this form back and search it in tla-rs, another reader of TLA+; they do not run TLC. *)
EXTENDS Integers, Sequences, TLC

${HEAD}
${network(tables)}
${side('A', tables.sides.A)}
${side('B', tables.sides.B)}${BODY}
${'='.repeat(2 * rule.length + 8 + name.length)}
`,
    cfg: `\\* ${title}
INIT Init
NEXT Next
INVARIANT Safe
CHECK_DEADLOCK FALSE
CONSTANT Watched = {${watched.join(', ')}}
`,
  };
};
