// Owns the way from a QP to where an address vector says. Chapter 10.
import { ipFamily } from '../wire/address.ts';
import type { Qpn } from '../wire/numbers.ts';
import { type Path, path } from '../wire/path.ts';
import { flowLabelToPort, sourcePort } from '../wire/source-port.ts';
import type { AhAttr } from './attributes.ts';
import type { QpDevice } from './qp-core.ts';

/** The path of packets from QP `local` to `remote` at `dgid`; undefined if the device has no address of its family. */
export const pathTo = (
  { addresses, sourcePort: fixed }: QpDevice,
  { dgid, flowLabel }: AhAttr,
  local: Qpn,
  remote: Qpn,
): Path | undefined => {
  const source = addresses.find((address) => ipFamily(address) === ipFamily(dgid));
  if (source === undefined) return undefined;
  return path(source, dgid, fixed ?? (flowLabel === 0 ? sourcePort(local, remote) : flowLabelToPort(flowLabel)));
};
