/** Which QPs on watch an input concerns: a packet the one that it is for, a timer its own; a turn or a verb all. */
import type { WorldStep } from '../../impl/sim/world.ts';
import { u24 } from '../../impl/wire/bytes.ts';

/** Offset of the destination QPN in a BTH. */
const DEST_QP = 5;

/** @param watched what is on watch at the device, by QPN. */
export const concernedBy = <Watched>(
  { input }: Pick<WorldStep, 'input'>,
  watched: ReadonlyMap<number, Watched>,
  found: (qpn: number, watched: Watched) => void,
): void => {
  if (input.type !== 'packet' && input.type !== 'timer') {
    for (const [qpn, each] of watched) found(qpn, each);
    return;
  }
  const qpn = input.type === 'timer' ? input.qpn : u24(input.packet.bytes, DEST_QP);
  const one = watched.get(qpn);
  if (one !== undefined) found(qpn, one);
};
