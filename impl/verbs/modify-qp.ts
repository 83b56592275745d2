// Owns modify: everything is judged before anything is changed. Chapter 20.
import { ALL_ACCESS } from '../memory/access.ts';
import {
  ATTRIBUTES,
  type AttributeName,
  maskOf,
  type QpAttr,
  type QpAttributes,
  RESET_ATTRIBUTES,
} from '../qp/attributes.ts';
import { RUNNING } from '../qp/migration-state.ts';
import { pathTo } from '../qp/path-to.ts';
import { QP_STATES, type QpState } from '../qp/state.ts';
import { refusal } from '../qp/transitions.ts';
import { MTUS, mtuToEnum } from '../wire/mtu.ts';
import { qpn } from '../wire/numbers.ts';
import { completeAhAttr } from './ah.ts';
import type { QpEngine } from './device.ts';
import type { Qp } from './qp.ts';
import {
  engineDrain,
  engineError,
  engineReset,
  engineResources,
  engineRetries,
  engineToRtr,
  engineToRts,
} from './qp-engine.ts';
import { isAccess } from './ranges.ts';
import { DONE, fail, type Result } from './result.ts';

/**
 * `ibv_modify_qp`; the mask is what `attr` has. EINVAL, and nothing is changed, if the table or a range refuses it; EAGAIN: the
 * context is stopped; ENODEV: the device is closed.
 */
export const modifyQp = (qp: Qp, attr: QpAttr): Result<void> => {
  if (qp.gone) return fail('EINVAL', 'the QP is gone');
  const { engine, context } = qp;
  if (context.refusal !== undefined) return context.refusal;
  const to = attr.qpState ?? engine.state; //= QP-15
  const mask = maskOf(attr);
  const mistake = modifyMistake(qp, attr, to, mask);
  if (mistake !== undefined) return fail('EINVAL', mistake); //= QP-14
  apply(qp, attr, to);
  return DONE;
};

const modifyMistake = (qp: Qp, attr: QpAttr, to: QpState, mask: readonly AttributeName[]): string | undefined => {
  const { engine } = qp;
  if (!QP_STATES.includes(to)) return `unknown state ${to}`;
  // That it is RTR, RTS, SQD or SQE the table sees to: no other row takes CUR_STATE.
  if (attr.curQpState !== undefined && attr.curQpState !== engine.state) {
    return `curQpState ${attr.curQpState} in ${engine.state}`; //= QP-13
  }
  const refused = refusal(qp.qpType, engine.state, to, mask); //= QP-12
  if (refused !== undefined) return refused;
  if (mask.includes('ALT_PATH') || mask.includes('PATH_MIG_STATE')) return 'RoCE has no automatic path migration'; //= QP-16
  if (engine.draining === 'DRAINING' && to !== 'ERR' && to !== 'RESET') return 'the send queue is still draining'; //= QP-37
  return rangeMistake(attr, mask) ?? deviceMistake(qp, attr);
};

//= QP-20, QP-21
const rangeMistake = (attr: QpAttr, mask: readonly AttributeName[]): string | undefined => {
  for (const name of mask) {
    const { key, min, max } = ATTRIBUTES[name];
    if (min === undefined || max === undefined) continue;
    const value = attr[key];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      return `${key} ${value} is not in ${min}..${max}`;
    }
  }
  return undefined;
};

/** What this device, and not the table, refuses. */
const deviceMistake = ({ context }: Qp, attr: QpAttr): string | undefined => {
  const { limits, pkeys } = context.device;
  const { pathMtu, pkeyIndex, qpAccessFlags, enSqdAsyncNotify, ahAttr, maxRdAtomic = 0, maxDestRdAtomic = 0 } = attr;
  if (maxRdAtomic > limits.maxQpRdAtom) return `maxRdAtomic ${maxRdAtomic}, at most ${limits.maxQpRdAtom}`; //= QP-20
  if (maxDestRdAtomic > limits.maxQpRdAtom) return `maxDestRdAtomic ${maxDestRdAtomic}, at most ${limits.maxQpRdAtom}`;
  if (pathMtu !== undefined && (!MTUS.includes(pathMtu) || mtuToEnum(pathMtu) > mtuToEnum(limits.maxMtu))) {
    return `pathMtu ${pathMtu}`; //= QP-24
  }
  if (pkeyIndex !== undefined && pkeys[pkeyIndex] === undefined) return `pkeyIndex ${pkeyIndex}`;
  if (typeof (enSqdAsyncNotify ?? false) !== 'boolean') return `enSqdAsyncNotify ${enSqdAsyncNotify}`;
  if (qpAccessFlags !== undefined && !isAccess(qpAccessFlags, ALL_ACCESS)) {
    return `qpAccessFlags ${qpAccessFlags}`;
  }
  if (ahAttr !== undefined && completeAhAttr(context, ahAttr) === undefined) return `no way to ${ahAttr.dgid}`;
  return undefined;
};

/** The attributes as given, else as they are now; field by field, which costs a hundredth of a copy that is added to. */
const changed = (now: QpAttributes, attr: QpAttr, ahAttr: QpAttributes['ahAttr']): QpAttributes => ({
  enSqdAsyncNotify: attr.enSqdAsyncNotify ?? now.enSqdAsyncNotify,
  qpAccessFlags: attr.qpAccessFlags ?? now.qpAccessFlags,
  pkeyIndex: attr.pkeyIndex ?? now.pkeyIndex,
  portNum: attr.portNum ?? now.portNum,
  qkey: attr.qkey ?? now.qkey,
  ahAttr: ahAttr ?? now.ahAttr,
  pathMtu: attr.pathMtu ?? now.pathMtu,
  timeout: attr.timeout ?? now.timeout,
  retryCnt: attr.retryCnt ?? now.retryCnt,
  rnrRetry: attr.rnrRetry ?? now.rnrRetry,
  rqPsn: attr.rqPsn ?? now.rqPsn,
  maxRdAtomic: attr.maxRdAtomic ?? now.maxRdAtomic,
  minRnrTimer: attr.minRnrTimer ?? now.minRnrTimer,
  sqPsn: attr.sqPsn ?? now.sqPsn,
  maxDestRdAtomic: attr.maxDestRdAtomic ?? now.maxDestRdAtomic,
  destQpNum: attr.destQpNum ?? now.destQpNum,
});

const apply = (qp: Qp, attr: QpAttr, to: QpState): void => {
  const { engine } = qp;
  const from = engine.state;
  if (to === 'RESET') {
    reset(engine);
    return;
  }
  if (to === 'ERR') {
    engineError(engine);
    return;
  }
  const av = attr.ahAttr === undefined ? undefined : completeAhAttr(qp.context, attr.ahAttr);
  engine.attributes = changed(engine.attributes, attr, av);
  if (from === 'RTS' && to === 'SQD') {
    // Asked for with each draining anew.
    engine.attributes = { ...engine.attributes, enSqdAsyncNotify: attr.enSqdAsyncNotify ?? false }; //= QP-36
  }
  const { attributes } = engine;
  engine.pkey = qp.context.device.pkeys[attributes.pkeyIndex] ?? engine.pkey;
  engine.peerQpn = qpn(attributes.destQpNum);
  if (av !== undefined) setPath(qp);
  if (attr.retryCnt !== undefined || attr.rnrRetry !== undefined) engineRetries(engine);
  if (attr.maxDestRdAtomic !== undefined) engineResources(engine);
  enter(engine, from, to);
};

const enter = (engine: QpEngine, from: QpState, to: QpState): void => {
  engine.state = to;
  if (to === 'RTR') engineToRtr(engine);
  else if (to === 'RTS' && from === 'RTR') engineToRts(engine);
  else if (to === 'SQD' && from === 'RTS') engineDrain(engine);
  else if (to === 'RTS') engine.draining = 'NO';
  if (to === 'RTS') engine.device.schedule(engine);
};

/** Gives the engine of a connected QP its way to the peer, from its attributes and the device's addresses. */
export const setPath = ({ context, engine }: Qp): void => {
  const { ahAttr, destQpNum } = engine.attributes;
  if (ahAttr !== undefined) engine.path = pathTo(context.device, ahAttr, engine.qpn, qpn(destQpNum));
};

const reset = (engine: QpEngine): void => {
  engineReset(engine);
  engine.state = 'RESET';
  engine.migration = RUNNING;
  engine.attributes = RESET_ATTRIBUTES;
  engine.path = undefined;
  engine.draining = 'NO';
  engine.established = false;
};
