/** Failures whose cause the model leaves out, memory and access: there they are the events `fatal` and `send.error`. */
import type { RcQp } from '../../impl/rc/rc-qp.ts';
import type { QpEvent } from '../../model/context.ts';
import type { Packet } from '../../model/packet.ts';
import { slotAt } from '../../model/workload.ts';
import type { Frame } from './frame.ts';
import type { Shadow } from './shadow.ts';
import type { Step } from './stepper.ts';

/** Rules by which a request is executed. */
const EXECUTES = ['RC-50', 'RC-57'];

/** The NAK of a request that the model would execute, and that has no access. */
export const refusalOf = ({ gets }: Frame, event: QpEvent, { taken }: Step): Packet | undefined => {
  if (event.type !== 'rx.request' || gets.isRefused?.(event.message) !== true) return undefined;
  const executes = taken.some(({ edge, rules }) => edge.startsWith('responder.') && EXECUTES.includes(rules[0] ?? ''));
  return executes ? { type: 'rx.nak', psn: event.psn, code: 'INVALID_REQUEST' } : undefined;
};

/** Whether a QP has gone to ERR because the message whose turn it was has no memory to send from. */
export const failsLocally = ({ copy: { value, context }, frame: { sends } }: Shadow, after: RcQp): boolean => {
  if (after.state !== 'ERR' || (value.verbs !== 'RTS' && value.verbs !== 'SQD')) return false;
  const slot = slotAt(sends.works, context.una);
  return slot !== undefined && slot.offset === 0 && sends.fails?.(slot.message) === true;
};
