/** Which edges and states of the model the implementation has used. */
import type { QpPart } from '../../model/context.ts';
import type { Taken } from '../../model/machine.ts';
import { PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import { EXTENDED_STATES, extendedState } from '../../model/qp.ts';
import { requester } from '../../model/requester.ts';
import { responder } from '../../model/responder.ts';
import { verbs } from '../../model/verbs.ts';
import type { Shadow } from './shadow.ts';

/** The model's edges do not depend on its bounds. */
export const BOUNDS = {
  psnModulus: 2 ** 24,
  initialPsn: 0,
  window: 1,
  retryCnt: 7,
  rnrRetry: 7,
  sourceCheck: true,
  responderResources: 1,
};

/** The edges of some parts of a machine: region, state, event, place among its edges. */
export const edgesOf = (parts: readonly { readonly regions: QpPart['regions'] }[]): readonly string[] =>
  parts
    .flatMap(({ regions }) => Object.entries(regions))
    .flatMap(([region, { states }]) =>
      Object.entries(states).flatMap(([state, on]) =>
        Object.entries(on).flatMap(([event, edges]) => edges.map((_, k) => `${region}.${state}.${event}.${k}`)),
      ),
    );

/** Every edge of a QP under the published protocol, in the reading that the implementation has. */
export const EDGES: readonly string[] = edgesOf([
  verbs,
  requester(BOUNDS, []),
  responder(BOUNDS),
  tardis(BOUNDS, PUBLISHED),
]);

/** Edges of that model that no QP of the implementation takes here, and why. */
export const NOT_TAKEN: Readonly<Record<string, string>> = {
  'verbs.SQD.send.error.1':
    'a QP of UC or UD sends all of a message in one turn of the device: nothing of it is left to fail in SQD',
  'requester.ENGINE.rx.ack.1': 'only the revised protocol spares retries (MIG-57)',
};

type Part = { readonly hit: number; readonly total: number; readonly missed: readonly string[] };
export type CoverageReport = { readonly states: Part; readonly edges: Part };

const part = (all: readonly string[], hit: ReadonlySet<string>): Part => ({
  hit: all.filter((one) => hit.has(one)).length,
  total: all.length,
  missed: all.filter((one) => !hit.has(one)),
});

export const coverageReport = (edges: ReadonlySet<string>, states: ReadonlySet<string>): CoverageReport => ({
  states: part(EXTENDED_STATES, states),
  edges: part(EDGES, edges),
});

export class Coverage {
  readonly edges = new Set<string>();
  readonly states = new Set<string>();

  took(shadow: Shadow, taken: readonly Taken[]): void {
    for (const { edge } of taken) this.edges.add(edge);
    this.reach(shadow);
  }

  tookPlain(edges: readonly string[], state: string): void {
    for (const edge of edges) this.edges.add(edge);
    this.states.add(state);
  }

  reach({ copy: { value } }: Shadow): void {
    const name = extendedState(value);
    if (name !== undefined) this.states.add(name);
  }
}
