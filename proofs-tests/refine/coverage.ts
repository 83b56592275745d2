/** Which edges and states of the model the implementation has used. */
import type { Taken } from '../../model/machine.ts';
import { PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import { EXTENDED_STATES, extendedState } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import { verbs } from '../../model/verbs.ts';
import type { Shadow } from './shadow.ts';

/** The model's edges do not depend on its bounds. */
const BOUNDS = {
  psnModulus: 2 ** 24,
  initialPsn: 0,
  window: 1,
  retryCnt: 7,
  rnrRetry: 7,
  sourceCheck: true,
  responderResources: 1,
};

/** Every edge of an RC QP under the published protocol. */
export const EDGES: readonly string[] = [verbs, requester(BOUNDS, []), responder(BOUNDS), tardis(BOUNDS, PUBLISHED)]
  .flatMap(({ regions }) => Object.entries(regions))
  .flatMap(([region, { states }]) =>
    Object.entries(states).flatMap(([state, on]) =>
      Object.entries(on).flatMap(([event, edges]) => edges.map((_, k) => `${region}.${state}.${event}.${k}`)),
    ),
  );

export type CoverageReport = {
  readonly states: { readonly hit: number; readonly total: number };
  readonly edges: { readonly hit: number; readonly total: number };
};

export class Coverage {
  readonly edges = new Set<string>();
  readonly states = new Set<string>();

  took(shadow: Shadow, taken: readonly Taken[]): void {
    for (const { edge } of taken) this.edges.add(edge);
    this.reach(shadow);
  }

  reach({ copy: { value } }: Shadow): void {
    const name = extendedState(value);
    if (name !== undefined) this.states.add(name);
  }

  merge(other: { readonly edges: Iterable<string>; readonly states: Iterable<string> }): void {
    for (const edge of other.edges) this.edges.add(edge);
    for (const state of other.states) this.states.add(state);
  }

  get report(): CoverageReport {
    return {
      states: { hit: this.states.size, total: EXTENDED_STATES.length },
      edges: { hit: this.edges.size, total: EDGES.length },
    };
  }
}
