/** The part of an exported Murphi model that is the same for all: the network, the rules, settled states and the service. */

type Parameters = {
  readonly startA: number;
  readonly startB: number;
  readonly stepsA: number;
  readonly stepsB: number;
  readonly forgeries: number;
  /** What is said of the safety bits of a state or a step. */
  readonly judge: string;
  /** What is said of a step that is, or is not, one of the service. */
  readonly transparent: string;
};

const FUNCTIONS = `
function has(bits: Number; one: Number): boolean;
begin
  return (bits / one) % 2 = 1;
end;

function load(): Number;
var sum: Number;
begin
  sum := 0;
  for i: Slot do sum := sum + room(net[i]); end;
  return sum;
end;

function fits(free: Number; burst: Number): boolean;
begin
  return lengthOfBurst(burst) = 0 | load() - free + roomOfBurst(burst) <= Capacity;
end;

-- The first of its place may move.
function movable(i: Slot): boolean;
begin
  if net[i] = 0 then return false; end;
  if i = 0 then return true; end;
  return place(net[i]) != place(net[i - 1]);
end;

function allowed(need: Number): boolean;
begin
  if need > 0 & net[0] != 0 then return false; end;
  return need < 2 | (movingA(a) = 0 & movingB(b) = 0);
end;

function stepOfA(): Number;
begin
  return firstA(a * Records + recordB(b));
end;

function stepOfB(): Number;
begin
  return firstB(b * Records + recordA(a));
end;

function arrivalAt(i: Slot): Number;
begin
  if towardsA(net[i]) = 1 then return arrivalA(a * Packets + net[i] - 1); end;
  return arrivalB(b * Packets + net[i] - 1);
end;

-- Whether the packet in a slot may arrive, leaving the network or staying there.
function mayArrive(i: Slot; stays: boolean): boolean;
var step: Number; free: Number;
begin
  if !movable(i) then return false; end;
  step := arrivalAt(i);
  if step < 0 then return true; end;
  free := 0;
  if !stays then free := room(net[i]); end;
  if towardsA(net[i]) = 1 then return fits(free, burstA(step)); end;
  return fits(free, burstB(step));
end;

procedure remove(i: Slot);
begin
  for j: Slot do
    if j >= i then
      if j = Capacity - 1 then net[j] := 0; else net[j] := net[j + 1]; end;
    end;
  end;
end;

procedure insert(packet: Number);
var at: Number; moved: Number; next: Number;
begin
  at := 0;
  for i: Slot do
    if net[i] != 0 & place(net[i]) <= place(packet) then at := i + 1; end;
  end;
  moved := packet;
  for i: Slot do
    if i >= at then
      next := net[i];
      net[i] := moved;
      moved := next;
    end;
  end;
end;

procedure send(burst: Number);
begin
  for k: 0..LongestBurst - 1 do
    if k < lengthOfBurst(burst) then insert(packetOfBurst(burst * LongestBurst + k)); end;
  end;
end;

-- Whether one end of the service can become another: what it executed, whether it may end or be lost.
function endLeads(is: Number; done: Number; nextIs: Number; nextDone: Number; most: Number; mayEnd: Number; mayBeLost: Number): boolean;
begin
  if nextIs = Lost then return is = Lost | mayBeLost = 1; end;
  if is = Lost then return false; end;
  if is = Ended then return nextIs = Ended & nextDone = done; end;
  if nextDone < done | nextDone > most then return false; end;
  return nextIs = Open | mayEnd = 1;
end;

-- A completion needs a message that the other end has executed, unless nobody can ask that end.
function completionsLead(nextIs: Number; done: Number; nextDone: Number; peerIs: Number; peerDone: Number; posted: Number): boolean;
begin
  if nextIs != Open | nextDone = done then return true; end;
  if nextDone < done then return false; end;
  if peerIs = Lost then return nextDone <= posted; end;
  return nextDone <= peerDone;
end;

-- None, one or several steps of the service: from facts f of A and g of B to h and i.
function serves(f: Number; g: Number; h: Number; i: Number): boolean;
begin
  if isA(f) = NoService | isB(g) = NoService then return true; end;
  if isA(h) = NoService | isB(i) = NoService then return false; end;
  return endLeads(isA(f), executedA(f), isA(h), executedA(h), postedB, mayEndA, mayBeLostA)
    & endLeads(isB(g), executedB(g), isB(i), executedB(i), postedA, mayEndB, mayBeLostB)
    & completionsLead(isA(h), completedA(f), completedA(h), isB(i), executedB(i), postedA)
    & completionsLead(isB(i), completedB(g), completedB(i), isA(h), executedA(h), postedB);
end;

function settled(): boolean;
var f: Number; g: Number;
begin
  f := factsA(a);
  g := factsB(b);
  return calmA(f) = 1 & calmB(g) = 1
    & ((completeA(f) = 1 & completeB(g) = 1) | overA(f) = 1 | overB(g) = 1);
end;
`;

const proceed = ({ judge, transparent }: Parameters): string => `
procedure judge(bits: Number);
begin
  assert "the tables have no verdict here" bits >= 0;
${judge}
end;

-- Goes to the next state of one side, or of none, and judges the step.
procedure proceed(nextOfA: Number; nextOfB: Number; broken: Number);
var f: Number; g: Number; same: boolean;
begin
  f := factsA(a);
  g := factsB(b);
  a := nextOfA;
  b := nextOfB;
  judge(broken);
  judge(verdict(factsA(a) * FactsOfB + factsB(b)));
  same := serves(f, g, factsA(a), factsB(b));
  ${transparent};
end;

procedure arrive(i: Slot; stays: boolean);
var step: Number; packet: Number;
begin
  step := arrivalAt(i);
  packet := net[i];
  assert "the tables have no arrival here" step != Hole;
  if !stays then remove(i); end;
  if step = Unchanged then
    proceed(a, b, 0);
  elsif towardsA(packet) = 1 then
    send(burstA(step));
    proceed(nextA(step), b, brokenA(step));
  else
    send(burstB(step));
    proceed(a, nextB(step), brokenB(step));
  end;
end;
`;

const local = (side: 'A' | 'B', steps: number, next: string): string => `
ruleset k: 0..${Math.max(steps - 1, 0)} do
  rule "local step of ${side}"
    k < count${side}(${side === 'A' ? 'a * Records + recordB(b)' : 'b * Records + recordA(a)'})
      & allowed(need${side}(stepOf${side}() + k)) & fits(0, burst${side}(stepOf${side}() + k))
  ==>
  var step: Number;
  begin
    assert "the tables have no step here" stepOf${side}() >= 0;
    step := stepOf${side}() + k;
    send(burst${side}(step));
    proceed(${next}, broken${side}(step));
  end;
end;
`;

const rules = ({ startA, startB, stepsA, stepsB, forgeries }: Parameters): string => `
startstate
begin
  a := ${startA};
  b := ${startB};
  for i: Slot do net[i] := 0; end;
  lost := 0;
  duplicated := 0;
  forged := 0;
  judge(verdict(factsA(a) * FactsOfB + factsB(b)));
end;
${local('A', stepsA, 'nextA(step), b')}${local('B', stepsB, 'a, nextB(step)')}
ruleset i: Slot do
  rule "arrival" mayArrive(i, false) ==> begin arrive(i, false); end;

  rule "loss" lost < MostLost & movable(i) ==>
  begin
    remove(i);
    lost := lost + 1;
  end;

  rule "duplication" duplicated < MostDuplicated & mayArrive(i, true) ==>
  begin
    arrive(i, true);
    duplicated := duplicated + 1;
  end;
end;

ruleset k: 0..${forgeries - 1} do
  rule "forgery" forged < MostForged & load() < Capacity & k < forgedA(a) + forgedB(b) ==>
  begin
    if k < forgedA(a) then insert(1 + forgeryA(a * MostForgeriesA + k));
    else insert(1 + forgeryB(b * MostForgeriesB + k - forgedA(a))); end;
    forged := forged + 1;
  end;
end;

liveness "REC-1" settled();
`;

export const MACHINERY = (parameters: Parameters): string => `${FUNCTIONS}${proceed(parameters)}${rules(parameters)}`;
