// Owns the way from a QP to where an address vector says. Chapter 10.
import { type IpAddress, ipFamily } from '../wire/address.ts';
import type { Qpn } from '../wire/numbers.ts';
import { type Path, path } from '../wire/path.ts';
import { flowLabelToPort, sourcePort } from '../wire/source-port.ts';
import type { AhAttr } from './attributes.ts';
import type { QpDevice } from './qp-core.ts';

/** Ways gone lately; a bound, for there are as many as there are peers. At the bound, memory starts anew. */
const REMEMBERED = 4096;
const known = new Map<string, Path>();

/** One value for equal paths, as far as it is remembered: what the ICRC needs of a path is computed once for each value. */
export const samePath = (source: IpAddress, destination: IpAddress, port: number): Path => {
  const name = `${source} ${destination} ${port}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= REMEMBERED) known.clear();
  const made = path(source, destination, port);
  known.set(name, made);
  return made;
};

/** The path of packets from QP `local` to `remote` at `dgid`; undefined if the device has no address of its family. */
export const pathTo = (
  { addresses, sourcePort: fixed }: QpDevice,
  { dgid, flowLabel }: AhAttr,
  local: Qpn,
  remote: Qpn,
): Path | undefined => {
  const source = addresses.find((address) => ipFamily(address) === ipFamily(dgid));
  if (source === undefined) return undefined;
  return samePath(source, dgid, fixed ?? (flowLabel === 0 ? sourcePort(local, remote) : flowLabelToPort(flowLabel)));
};
