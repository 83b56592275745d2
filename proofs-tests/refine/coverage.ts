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

/** Edges of that model that a QP of RC never takes, and why. */
export const NOT_TAKEN: Readonly<Record<string, string>> = {
  'verbs.RTS.send.error.1': 'a failed send of RC ends in ERR',
  'verbs.SQD.send.error.1': 'a failed send of RC ends in ERR',
  'verbs.SQE.modify.reset.0': 'RC has no SQE',
  'verbs.SQE.modify.err.0': 'RC has no SQE',
  'verbs.SQE.modify.rts.0': 'RC has no SQE',
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

  reach({ copy: { value } }: Shadow): void {
    const name = extendedState(value);
    if (name !== undefined) this.states.add(name);
  }
}
