// Owns what a RoCEv2 packet takes from IP and UDP: exactly the fields below the BTH that the ICRC covers. Chapter 10.
import type { IpAddress } from './address.ts';

//= WIRE-30
/** UDP destination port of RoCEv2. */
export const ROCE_PORT = 4791;

/**
 * What the ICRC covers of IP and UDP, lengths apart. Both addresses are of one family.
 * Reuse the value for all packets of a flow: what the ICRC needs of it is computed once per value, so it must not change.
 */
export type Path = {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** UDP source port, 0..65535. */
  readonly sourcePort: number;
  /** IPv4 identification, 0..65535; meaningless over IPv6. */
  readonly identification: number;
  /** IPv4 DF bit; meaningless over IPv6. */
  readonly dontFragment: boolean;
};

//= WIRE-33
/** A path as godwit sends it: DF set and identification 0, which needs a socket that does so (decision 0004). */
export const path = (source: IpAddress, destination: IpAddress, sourcePort: number): Path => ({
  source,
  destination,
  sourcePort,
  identification: 0,
  dontFragment: true,
});
