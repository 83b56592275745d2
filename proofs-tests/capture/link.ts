// Finds the IP packet in a frame, by link type.

/** LINKTYPE_ numbers of www.tcpdump.org. */
export const LINK_TYPES = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

export type LinkReason = 'UNKNOWN_LINK_TYPE' | 'SHORT_FRAME' | 'NOT_IP' | 'ROCE_V1';

export type LinkDecoded =
  | { readonly ok: true; readonly ip: Uint8Array }
  | { readonly ok: false; readonly reason: LinkReason; readonly detail: string };

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERTYPE_ROCE_V1 = 0x8915;
const ETHERTYPE_VLAN: readonly number[] = [0x8100, 0x88a8, 0x9100];

const refuse = (reason: LinkReason, detail: string): LinkDecoded => ({ ok: false, reason, detail });

/** More tags than anyone stacks; a frame made of tags alone ends here. */
const MAX_VLAN_TAGS = 4;

const ofEtherType = (bytes: Uint8Array, typeAt: number, ipAt: number, tags = 0): LinkDecoded => {
  if (bytes.length < ipAt) return refuse('SHORT_FRAME', `${bytes.length} bytes`);
  const type = ((bytes[typeAt] ?? 0) << 8) | (bytes[typeAt + 1] ?? 0);
  if (ETHERTYPE_VLAN.includes(type) && tags < MAX_VLAN_TAGS) return ofEtherType(bytes, ipAt + 2, ipAt + 4, tags + 1);
  if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) return { ok: true, ip: bytes.subarray(ipAt) };
  if (type === ETHERTYPE_ROCE_V1) return refuse('ROCE_V1', 'EtherType 0x8915');
  return refuse('NOT_IP', `EtherType 0x${type.toString(16).padStart(4, '0')}`);
};

/** The IP packet of a frame, with whatever padding follows it. Whether it is one, decodeNetwork says. */
export const ipOfFrame = (linkType: number, bytes: Uint8Array): LinkDecoded => {
  switch (linkType) {
    case LINK_TYPES.ETHERNET:
      return ofEtherType(bytes, 12, 14);
    case LINK_TYPES.LINUX_SLL:
      return ofEtherType(bytes, 14, 16);
    case LINK_TYPES.LINUX_SLL2:
      return ofEtherType(bytes, 0, 20);
    case LINK_TYPES.NULL:
    case LINK_TYPES.LOOP:
      // The address family, in whichever byte order and of whichever system: the IP version says the same.
      return bytes.length < 4 ? refuse('SHORT_FRAME', `${bytes.length} bytes`) : { ok: true, ip: bytes.subarray(4) };
    case LINK_TYPES.RAW:
    case LINK_TYPES.RAW_BSD:
    case LINK_TYPES.RAW_OPENBSD:
    case LINK_TYPES.IPV4:
    case LINK_TYPES.IPV6:
      return { ok: true, ip: bytes };
    default:
      return refuse('UNKNOWN_LINK_TYPE', `link type ${linkType}`);
  }
};
