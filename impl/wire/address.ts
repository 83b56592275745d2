// Owns IP addresses: canonical text as identity, bytes in network order. Chapter 10.

declare const brand: unique symbol;

/** An IPv4 or IPv6 address in canonical text (RFC 5952), so that equal addresses are equal strings. */
export type IpAddress = string & { readonly [brand]: 'IpAddress' };

/** Parses an address without zone or prefix length; undefined if the text is not one. */
export const parseIp = (text: string): IpAddress | undefined => {
  const found = known.get(text);
  if (found !== undefined) return found;
  const bytes = text.includes(':') ? bytesOfV6(text) : bytesOfV4(text);
  return bytes === undefined ? undefined : ipFromBytes(bytes);
};

/** An address known to be well formed; throws RangeError otherwise. */
export const ip = (text: string): IpAddress => {
  const address = parseIp(text);
  if (address === undefined) throw new RangeError(`${text} is not an IP address`);
  return address;
};

/** 4 or 6. */
export const ipFamily = (address: IpAddress): 4 | 6 => (address.includes(':') ? 6 : 4);

/** The 4 or 16 bytes of the address, in network order. */
export const ipToBytes = (address: IpAddress): Uint8Array =>
  (ipFamily(address) === 4 ? bytesOfV4(address) : bytesOfV6(address)) ?? new Uint8Array(0);

/** Anyone can send from any address, so what is remembered is bounded; at the bound, memory starts anew. */
const REMEMBERED = 4096;
const known = new Map<string, IpAddress>();

/** One string for equal addresses, as far as it is remembered: to compare them is to compare references. */
const same = (text: string): IpAddress => {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (known.size >= REMEMBERED) known.clear();
  known.set(text, text as IpAddress);
  return text as IpAddress;
};

/** The address of 4 or 16 bytes in network order; throws RangeError for any other length. */
export const ipFromBytes = (bytes: Uint8Array): IpAddress => {
  if (bytes.length === 4) return same(bytes.join('.'));
  if (bytes.length !== 16) throw new RangeError(`an IP address has 4 or 16 bytes, not ${bytes.length}`);
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  return same(compress(groups));
};

/** RFC 5952: the first longest run of two or more zero groups becomes `::`; mapped IPv4 in dotted form. */
const compress = (groups: readonly number[]): string => {
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff) {
    const [high = 0, low = 0] = groups.slice(6);
    return `::ffff:${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`;
  }
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
  }
  const hex = (part: readonly number[]): string => part.map((g) => g.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
};

/** Four decimal numbers without leading zeros. */
const bytesOfV4 = (text: string): Uint8Array | undefined => {
  const parts = text.split('.');
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return valid ? Uint8Array.from(parts, Number) : undefined;
};

/** Groups of one side of `::`; a dotted IPv4 address may stand for the last two groups of the text. */
const groupsOf = (side: string, mayEndDotted: boolean): number[] | undefined => {
  if (side === '') return [];
  const groups: number[] = [];
  const parts = side.split(':');
  for (const [i, part] of parts.entries()) {
    if (mayEndDotted && i === parts.length - 1 && part.includes('.')) {
      const dotted = bytesOfV4(part);
      if (dotted === undefined) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = dotted;
      groups.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

const bytesOfV6 = (text: string): Uint8Array | undefined => {
  const sides = text.split('::');
  const left = groupsOf(sides[0] ?? '', sides.length === 1);
  const right = groupsOf(sides[1] ?? '', true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  const valid = sides.length === 1 ? missing === 0 : sides.length === 2 && missing > 0;
  if (!valid) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
};
