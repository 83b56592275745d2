import type { Protocol } from '../../model/protocol.ts';
import { COMPLETER_VECTORS } from '../checker/completer-vectors.ts';
import { GODWIT_PEER_VECTORS } from '../checker/godwit-peer-vectors.ts';
import { GODWIT_VECTORS } from '../checker/godwit-vectors.ts';
import { REQUESTER_VECTORS } from '../checker/requester-vectors.ts';
import { RESPONDER_VECTORS } from '../checker/responder-vectors.ts';
import { RESPONSE_VECTORS } from '../checker/response-vectors.ts';
import { type Vector, vectorsOf } from '../checker/vector.ts';

const VECTORS: readonly Vector[] = [
  ...REQUESTER_VECTORS,
  ...COMPLETER_VECTORS,
  ...RESPONSE_VECTORS,
  ...RESPONDER_VECTORS,
  ...GODWIT_VECTORS,
  ...GODWIT_PEER_VECTORS,
];

/** Which vectors a protocol keeps: those of the engines hold for every protocol that changes nothing about RC. */
export const keptVectors = (protocol: Protocol): readonly Vector[] => {
  const judge = vectorsOf(protocol);
  return VECTORS.filter((vector) => judge(vector) === undefined);
};

/** The first of the vectors that a mutant does not keep. */
export const brokenVector = (protocol: Protocol, kept: readonly Vector[]): string | undefined => {
  const judge = vectorsOf(protocol);
  const broken = kept.find((vector) => judge(vector) !== undefined);
  return broken && `${broken.rule}, ${broken.says}: ${judge(broken)}`;
};
