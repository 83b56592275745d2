// Owns how long a payload may be, by opcode and path MTU. Chapter 10.
import { MAX_PAYLOAD, type Mtu } from './mtu.ts';

/**
 * Payload bytes of an opcode: none; exactly 8 (ATOMIC WRITE) or 16 (CNP); the path MTU (FIRST, MIDDLE);
 * 1 to the path MTU (LAST); 0 to the path MTU (ONLY).
 */
export type PayloadRule = 'NONE' | 'EIGHT' | 'SIXTEEN' | 'MTU' | 'ONE_TO_MTU' | 'UP_TO_MTU';

//= WIRE-11
/** Whether `length` bytes obey the rule at a path MTU. */
export const payloadFits = (rule: PayloadRule, length: number, mtu: Mtu): boolean => {
  switch (rule) {
    case 'NONE':
      return length === 0;
    case 'EIGHT':
      return length === 8;
    case 'SIXTEEN':
      return length === 16;
    case 'MTU':
      return length === mtu;
    case 'ONE_TO_MTU':
      return length >= 1 && length <= mtu;
    case 'UP_TO_MTU':
      return length <= mtu;
  }
};

//= WIRE-54
/**
 * Whether some packet of the rule can hold `length` bytes, whatever the path MTU. The codec refuses the rest; a length
 * that only breaks the rule at the QP's path MTU is for the responder to judge, who owes a NAK.
 */
export const payloadIsWellFormed = (rule: PayloadRule, length: number): boolean => {
  if (rule === 'NONE') return length === 0;
  if (rule === 'SIXTEEN') return length === 16;
  return length <= MAX_PAYLOAD;
};
