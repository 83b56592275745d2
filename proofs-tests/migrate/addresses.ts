// Owns the choice of loopback addresses: at random from the seed, so that parallel runs do not meet.
import { type IpAddress, ip } from '../../impl/wire/address.ts';

/** Three different addresses of 127.0.0.0/8, none in 127.0.0.0/16 where other programs live. */
export const pickAddresses = (random: () => number): readonly [IpAddress, IpAddress, IpAddress] => {
  const byte = (least: number): number => least + Math.floor(random() * (255 - least));
  const network = `127.${byte(1)}.${byte(0)}`;
  const first = 1 + Math.floor(random() * 200);
  return [ip(`${network}.${first}`), ip(`${network}.${first + 1}`), ip(`${network}.${first + 2}`)];
};
