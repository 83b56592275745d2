/** One posted work request: what it is and how many PSNs it takes. */
export type Work = {
  readonly op: 'SEND' | 'WRITE' | 'READ' | 'ATOMIC';
  /** Request packets of SEND and WRITE, response packets of READ; an atomic has one. */
  readonly packets: number;
};

export type Part = 'only' | 'first' | 'middle' | 'last';

/** The packet with one PSN: which message it belongs to and where in it. */
export type Slot = { readonly message: number; readonly work: Work; readonly offset: number };

export const totalPackets = (works: readonly Work[]): number => works.reduce((sum, { packets }) => sum + packets, 0);

/** Which message the packet with this index belongs to, or undefined past the end. */
export const slotAt = (works: readonly Work[], index: number): Slot | undefined => {
  let first = 0;
  for (const [message, work] of works.entries()) {
    if (index < first + work.packets) return index < first ? undefined : { message, work, offset: index - first };
    first += work.packets;
  }
  return undefined;
};

export const partOf = ({ work, offset }: Slot): Part => {
  if (work.packets === 1) return 'only';
  if (offset === 0) return 'first';
  return offset === work.packets - 1 ? 'last' : 'middle';
};

/** Messages whose every packet lies below this index. */
export const messagesBelow = (works: readonly Work[], index: number): number => {
  let end = 0;
  let count = 0;
  for (const { packets } of works) {
    end += packets;
    if (end > index) break;
    count += 1;
  }
  return count;
};

/** READ and atomic carry their result back; an ACK alone cannot complete them (RC, completer). */
export const isAnswered = ({ op }: Work): boolean => op === 'READ' || op === 'ATOMIC';
