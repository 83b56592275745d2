import type { Protocol } from '../../model/protocol.ts';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import type { Expected, ProtocolName } from '../scenario/schema.ts';

/** A protocol, in one reading of its text, and properties that its file says fall; undefined where it says nothing. */
export type Planned = { readonly protocol: Protocol; readonly falls: readonly string[] | undefined };

/** Every exploration that a scenario file speaks of for one protocol. */
export const plannedFor = (expected: Expected, name: ProtocolName): readonly Planned[] => {
  const said = expected[name];
  if (said === undefined) return [{ protocol: PLAIN[name], falls: undefined }];
  if (said === 'holds') return [{ protocol: PLAIN[name], falls: [] }];
  if ('falls' in said) return [{ protocol: PLAIN[name], falls: said.falls }];
  return said.map(({ reading, falls }) => ({ protocol: tardisAsRead(reading), falls }));
};

const PLAIN: { readonly [name in ProtocolName]: Protocol } = {
  tardis: tardisAsRead({}),
  'tardis-code': tardisCode,
  godwit: godwitWithout(),
};
