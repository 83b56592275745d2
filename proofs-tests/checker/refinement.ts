import type { Side } from '../../model/packet.ts';
import type { Facts } from '../../model/properties.ts';
import type { Scenario } from '../../model/scenario.ts';
import { type Contract, type End, IDLE, type Service, type ServiceStep, serve } from '../../model/service.ts';
import type { Compiled } from './compiled.ts';
import type { Exploration } from './explore.ts';

const STEPS: readonly ServiceStep[] = (['A', 'B'] as const).flatMap((side) =>
  (['execute', 'complete', 'end', 'lose'] as const).map((does) => ({ side, does })),
);

/** What the service lets happen in a scenario. @param fails an end may fail by itself, as it may without migration. */
export const contractOf = ({ sides, faults }: Scenario, fails: boolean): Contract => {
  const terms = (side: Side) => {
    const { work, consumer } = sides[side];
    const asked = consumer.some((step) => step === 'modify.err' || step === 'modify.reset');
    const mayBeLost = faults.targetDies.length > 0 || faults.sourceDies || faults.dark.includes(side);
    return { posted: work.length, mayEnd: fails || asked, mayBeLost };
  };
  return { A: terms('A'), B: terms('B') };
};

/** What the consumer of one end has seen; undefined for something that no service does: another message than the next. */
export const endOf = ({ executed, completed, ended, lost, broken }: Facts): End | undefined => {
  if (broken.includes('SAFE-1') || broken.includes('SAFE-2') || broken.includes('SAFE-3')) return undefined;
  if (lost) return { is: 'LOST' };
  return ended ? { is: 'ENDED', executed } : { is: 'OPEN', executed, completed };
};

const same = (a: End, b: End): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether an end could still become the other: no count above it. */
const mayBecome = (end: End, goal: End): boolean => {
  if (goal.is === 'LOST') return true;
  if (end.is === 'LOST' || (end.is === 'ENDED' && goal.is === 'OPEN')) return false;
  if (end.executed > goal.executed) return false;
  return end.is !== 'OPEN' || goal.is !== 'OPEN' || end.completed <= goal.completed;
};

/** Whether the service gets from one state to the other in none, one or several steps. */
export const reaches = (contract: Contract, from: Service, to: Service): boolean => {
  if (same(from.A, to.A) && same(from.B, to.B)) return true;
  return STEPS.some((step) => {
    const next = serve(contract, from, step);
    return next !== undefined && mayBecome(next.A, to.A) && mayBecome(next.B, to.B) && reaches(contract, next, to);
  });
};

/** The services that the states of a scenario show, numbered; whether one leads to the other, asked once. */
class Abstraction {
  readonly #compiled: Compiled;
  readonly #contract: Contract;
  readonly #services: (Service | undefined)[] = [];
  readonly #ids = new Map<string, number>();
  readonly #known = new Map<number, boolean>();

  constructor(compiled: Compiled, contract: Contract) {
    this.#compiled = compiled;
    this.#contract = contract;
  }

  of(a: number, b: number): number {
    const { A, B } = this.#compiled;
    const [left, right] = [endOf(A.factsAt(A.facts(a))), endOf(B.factsAt(B.facts(b)))];
    const service = left && right && { A: left, B: right };
    const key = JSON.stringify(service ?? null);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#services.length);
    return this.#services.push(service) - 1;
  }

  leads(from: number, to: number): boolean {
    const key = from * 0x1000000 + to;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [before, after] = [this.#services[from], this.#services[to]];
    // What follows a state that is no service is not judged again.
    const leads = before === undefined || (after !== undefined && reaches(this.#contract, before, after));
    this.#known.set(key, leads);
    return leads;
  }

  isIdle(id: number): boolean {
    const service = this.#services[id];
    return service !== undefined && reaches(this.#contract, IDLE, service);
  }
}

/** The first step of the system, in breadth-first order, that is no run of the service. */
export type Unserved = { readonly from: number; readonly to: number };

/**
 * THM-1: every edge of the explored graph is none, one or several steps of the service, from its idle state on.
 * undefined where all are; whether all were explored is the exploration's to say.
 */
export const firstUnserved = (
  compiled: Compiled,
  { states, edges, edgeStart }: Exploration,
  contract: Contract,
): Unserved | undefined => {
  const abstraction = new Abstraction(compiled, contract);
  const byFacts = new Map<number, number>();
  const { A, B } = compiled;
  const service = Int32Array.from({ length: states.size }, (_, index) => {
    const [a, b] = [states.a(index), states.b(index)];
    const key = A.facts(a) * 0x1000000 + B.facts(b);
    const known = byFacts.get(key);
    if (known !== undefined) return known;
    const id = abstraction.of(a, b);
    byFacts.set(key, id);
    return id;
  });
  if (!abstraction.isIdle(service[0] as number)) return { from: 0, to: 0 };
  for (let from = 0; from < states.size; from += 1) {
    const before = service[from] as number;
    for (let e = edgeStart[from] as number; e < (edgeStart[from + 1] as number); e += 1) {
      const to = edges[e] as number;
      const after = service[to] as number;
      if (after !== before && !abstraction.leads(before, after)) return { from, to };
    }
  }
  return undefined;
};
