// What being migratable costs while no migration runs: two devices that judge packets by the protocol, against two that
// could not migrate.

import { ABILITIES } from '../../impl/qp/state.ts';
import type { MigrationProtocol } from '../../impl/rc/migration-protocol.ts';
import { TARDIS } from '../../impl/rc/tardis.ts';
import { makePair } from './pair.ts';
import { compare } from './paired.ts';
import type { Round } from './rounds.ts';
import type { BenchRow } from './row.ts';

/** Judges what every RC responder and requester has to, and nothing of migration. */
const IMMOVABLE: MigrationProtocol = {
  ...TARDIS,
  judge: (qp, _packet, info, source) => {
    if (source !== qp.path?.destination) return 'DROP_SOURCE';
    const { processRequests, processResponses } = ABILITIES[qp.state];
    return (info.role === 'request' ? processRequests : processResponses) ? 'PROCESS' : 'DROP_STATE';
  },
};

const SIZE = 1024;
/** Messages of a round: about a millisecond. */
const MESSAGES = 500;
/** Rounds before the first that counts: everything is compiled then. */
const WARM = 4;

const roundOf = (protocol: MigrationProtocol) => (): Round => {
  const { run } = makePair('SEND', SIZE, { protocol });
  for (let i = 0; i < WARM; i++) run(MESSAGES);
  return () => run(MESSAGES);
};

/** The ratio of the rates, and the same of the devices that cannot migrate to themselves: what the method would call 1. */
export const benchMigratable = (groups?: number): readonly BenchRow[] => {
  const rowOf = (name: string, protocol: MigrationProtocol): BenchRow => {
    const { value, low, high } = compare(roundOf(IMMOVABLE), roundOf(protocol), groups);
    return { name, value, unit: 'of its rate', interval: [low, high] };
  };
  compare(roundOf(IMMOVABLE), roundOf(TARDIS), 4);
  const subject = `rnic SEND ${SIZE} bytes`;
  return [
    rowOf(`${subject}, not migratable against itself`, IMMOVABLE),
    rowOf(`${subject}, migratable against not`, TARDIS),
  ];
};
