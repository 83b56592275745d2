import type { Protocol } from '../../model/protocol.ts';
import { COMPLETER_VECTORS } from '../checker/completer-vectors.ts';
import { type CoordinatorVector, coordinatorVectorsOf } from '../checker/coordinator-vector.ts';
import { COORDINATOR_VECTORS } from '../checker/coordinator-vectors.ts';
import { GODWIT_PEER_VECTORS } from '../checker/godwit-peer-vectors.ts';
import { GODWIT_RECORD_VECTORS } from '../checker/godwit-record-vectors.ts';
import { GODWIT_VECTORS } from '../checker/godwit-vectors.ts';
import { REQUESTER_VECTORS } from '../checker/requester-vectors.ts';
import { RESPONDER_VECTORS } from '../checker/responder-vectors.ts';
import { RESPONSE_VECTORS } from '../checker/response-vectors.ts';
import { SPARED_VECTORS } from '../checker/spared-vectors.ts';
import { TARDIS_CODE_VECTORS } from '../checker/tardis-code-vectors.ts';
import { TARDIS_COORDINATOR_VECTORS } from '../checker/tardis-coordinator-vectors.ts';
import { TARDIS_VECTORS } from '../checker/tardis-vectors.ts';
import { type Vector, vectorsOf } from '../checker/vector.ts';

const VECTORS: readonly Vector[] = [
  ...REQUESTER_VECTORS,
  ...COMPLETER_VECTORS,
  ...RESPONSE_VECTORS,
  ...RESPONDER_VECTORS,
  ...GODWIT_VECTORS,
  ...GODWIT_PEER_VECTORS,
  ...GODWIT_RECORD_VECTORS,
  ...SPARED_VECTORS,
  ...TARDIS_VECTORS,
  ...TARDIS_CODE_VECTORS,
];

/** Vectors of the engines, of chapter 50 and of its coordinator. */
export type Kept = { readonly qp: readonly Vector[]; readonly coordinator: readonly CoordinatorVector[] };

/** Which vectors a protocol keeps: those of the engines hold for every protocol that changes nothing about RC. */
export const keptVectors = (protocol: Protocol): Kept => {
  const [judge, judgeCoordinator] = [vectorsOf(protocol), coordinatorVectorsOf(protocol)];
  return {
    qp: VECTORS.filter((vector) => judge(vector) === undefined),
    coordinator: [...COORDINATOR_VECTORS, ...TARDIS_COORDINATOR_VECTORS].filter(
      (vector) => judgeCoordinator(vector) === undefined,
    ),
  };
};

const first = <T extends { readonly rule: string; readonly says: string }>(
  kept: readonly T[],
  judge: (vector: T) => string | undefined,
): string | undefined => {
  const broken = kept.find((vector) => judge(vector) !== undefined);
  return broken && `${broken.rule}, ${broken.says}: ${judge(broken)}`;
};

/** The first of the vectors that a mutant does not keep. @param edge of the machine that was changed. */
export const brokenVector = (protocol: Protocol, edge: string, { qp, coordinator }: Kept): string | undefined =>
  edge.startsWith('move.') ? first(coordinator, coordinatorVectorsOf(protocol)) : first(qp, vectorsOf(protocol));
