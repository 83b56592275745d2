import type { TardisReading } from '../../model/migration/tardis.ts';
import type { PropertyId } from '../../model/properties.ts';
import type { Expected, ProtocolName } from './schema.ts';

/** A variant of a protocol that a scenario is explored under, and the properties expected to fall; undefined for no say. */
export type Expectation = {
  readonly reading: Partial<TardisReading> | undefined;
  readonly falls: readonly PropertyId[] | undefined;
};

/** One for each reading of the published text that the scenario tells apart; otherwise one. */
export const expectationsOf = (expected: Expected, protocol: ProtocolName): readonly Expectation[] => {
  const outcome = expected[protocol];
  if (outcome === undefined) return [{ reading: undefined, falls: undefined }];
  if (outcome === 'holds') return [{ reading: undefined, falls: [] }];
  return 'falls' in outcome ? [{ reading: undefined, falls: outcome.falls }] : outcome;
};
