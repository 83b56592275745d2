// Owns the AETH syndrome byte as a value: ACK, RNR NAK, NAK. Chapter 10.

/** NAK codes by syndrome byte. STOPPED is NAK_STOPPED, the reserved value that MigrOS uses. */
export const NAK_CODES = {
  PSN_SEQUENCE_ERROR: 0x60,
  INVALID_REQUEST: 0x61,
  REMOTE_ACCESS_ERROR: 0x62,
  REMOTE_OPERATIONAL_ERROR: 0x63,
  INVALID_RD_REQUEST: 0x64,
  STOPPED: 0x65,
} as const;

export type NakCode = keyof typeof NAK_CODES;

/** An AETH syndrome; `value` is the byte. Values are interned: equal syndromes are the same object. */
export type Syndrome =
  /** Positive acknowledgement; `credit` is a credit code 0..31, 31 = none given. */
  | { readonly kind: 'ACK'; readonly value: number; readonly credit: number }
  /** Receiver not ready; `timer` is an RNR timer code 0..31. */
  | { readonly kind: 'RNR_NAK'; readonly value: number; readonly timer: number }
  | { readonly kind: 'NAK'; readonly value: number; readonly code: NakCode }
  /** 0x40..0x5f, 0x66..0x7f and 0x80 up: nobody's. */
  | { readonly kind: 'RESERVED'; readonly value: number };

const NAK_BY_VALUE = new Map<number, NakCode>(
  Object.entries(NAK_CODES).map(([code, value]) => [value, code as NakCode]),
);

//= WIRE-20, WIRE-14
const parse = (value: number): Syndrome => {
  const low = value & 0x1f;
  if (value < 0x20) return { kind: 'ACK', value, credit: low };
  if (value < 0x40) return { kind: 'RNR_NAK', value, timer: low };
  const code = NAK_BY_VALUE.get(value);
  return code === undefined ? { kind: 'RESERVED', value } : { kind: 'NAK', value, code };
};

const SYNDROMES: readonly Syndrome[] = Array.from({ length: 256 }, (_, value) => Object.freeze(parse(value)));

/** The syndrome of a byte. Throws RangeError outside 0..255. */
export const syndrome = (value: number): Syndrome => {
  const found = SYNDROMES[value];
  if (found === undefined) throw new RangeError(`syndrome ${value} is not a byte`);
  return found;
};

/** An ACK with a credit code 0..31; 31, the default, gives no credit. */
export const ack = (credit = 31): Syndrome => syndrome(credit & 0x1f);

/** An RNR NAK with a timer code 0..31. */
export const rnrNak = (timer: number): Syndrome => syndrome(0x20 | (timer & 0x1f));

/** A NAK. */
export const nak = (code: NakCode): Syndrome => syndrome(NAK_CODES[code]);
