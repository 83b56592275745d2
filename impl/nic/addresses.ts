// Owns what may be the addresses of a port. Chapter 40.
import { isOneHost } from '../verbs/ah.ts';
import { type IpAddress, ipFamily } from '../wire/address.ts';

//= VRB-8, VRB-18
/** The addresses of a port as they are given; throws TypeError unless there is one, each is a host's, and none is of the family of another. */
export const portAddresses = (addresses: readonly IpAddress[]): readonly IpAddress[] => {
  const wrong = addresses.find((address) => !isOneHost(address));
  if (wrong !== undefined) throw new TypeError(`${wrong} is not the address of one host`);
  if (addresses.length === 0 || new Set(addresses.map(ipFamily)).size < addresses.length)
    throw new TypeError(`a port has one address of each family at most, and one at least: ${addresses.join(', ')}`);
  return addresses;
};
