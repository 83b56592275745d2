// Which bits of an IP packet the ICRC covers, by the masks of 10-wire: everything else a router may change.

type Masks = Readonly<Record<number, number>>;

/** Bits that count as ones, by byte of the header. */
const MASKED_V4: Masks = { 1: 0xff, 8: 0xff, 10: 0xff, 11: 0xff };
const MASKED_V6: Masks = { 0: 0x0f, 1: 0xff, 2: 0xff, 3: 0xff, 7: 0xff };
const MASKED_UDP: Masks = { 6: 0xff, 7: 0xff };
const MASKED_BTH: Masks = { 4: 0xff };
const UDP_BYTES = 8;

/** Masked bits of the byte `at` of an IP packet that carries RoCEv2. */
export const maskedBits = (ip: Uint8Array, at: number): number => {
  const v4 = (ip[0] ?? 0) >> 4 === 4;
  const udp = v4 ? 20 : 40;
  if (at < udp) return (v4 ? MASKED_V4 : MASKED_V6)[at] ?? 0;
  if (at < udp + UDP_BYTES) return MASKED_UDP[at - udp] ?? 0;
  return MASKED_BTH[at - udp - UDP_BYTES] ?? 0;
};

/** Whether a change of bit `bit` (0 the most significant of the first byte) must be noticed. The ICRC covers itself. */
export const isCovered = (ip: Uint8Array, bit: number): boolean =>
  (maskedBits(ip, bit >> 3) & (0x80 >> (bit & 7))) === 0;

/** A copy of the IP packet with one bit changed. */
export const flipped = (ip: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(ip);
  const at = bit >> 3;
  copy[at] = (copy[at] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
};
