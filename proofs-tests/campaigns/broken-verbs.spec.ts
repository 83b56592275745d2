/** Implementations broken where consumers, budgets and attackers come in: each is caught, and the run that shows it is made small. */
import { afterEach, expect, test, vi } from 'vitest';
import type * as Completing from '../../impl/qp/completing.ts';
import type * as State from '../../impl/qp/state.ts';
import type * as RcError from '../../impl/rc/error.ts';
import type * as Retransmit from '../../impl/rc/retransmit.ts';
import type * as Tardis from '../../impl/rc/tardis.ts';
import type * as Engine from '../../impl/verbs/qp-engine.ts';
import { campaign } from './campaign.ts';

const broken = vi.hoisted(() => ({ by: '' }));

vi.mock('../../impl/qp/state.ts', async (original) => {
  const real = await original<typeof State>();
  const draining = { ...real.ABILITIES.SQD, beginWqes: true };
  return {
    ...real,
    ABILITIES: {
      ...real.ABILITIES,
      get SQD() {
        return broken.by === 'begins new work in SQD' ? draining : real.ABILITIES.SQD;
      },
    },
  };
});
vi.mock('../../impl/qp/completing.ts', async (original) => {
  const real = await original<typeof Completing>();
  const flushIntoError: typeof real.flushIntoError = (qp) => {
    if (broken.by === 'does not flush in ERR') qp.state = 'ERR';
    else real.flushIntoError(qp);
  };
  const flushSend: typeof real.flushSend = (qp) => {
    if (broken.by !== 'does not flush in SQE') real.flushSend(qp);
  };
  const settleDraining: typeof real.settleDraining = (qp) => {
    if (broken.by !== 'never tells that its queue has drained') return real.settleDraining(qp);
    if (qp.draining === 'DRAINING' && qp.sq.tail >= qp.sq.begun) qp.draining = 'DRAINED';
  };
  return { ...real, flushIntoError, flushSend, settleDraining };
});
vi.mock('../../impl/rc/error.ts', async (original) => {
  const real = await original<typeof RcError>();
  const clearRcQp: typeof real.clearRcQp = (qp) => {
    const { expectedPsn } = qp.responder;
    real.clearRcQp(qp);
    if (broken.by === 'keeps its PSN through RESET') qp.responder.expectedPsn = expectedPsn;
  };
  return { ...real, clearRcQp };
});
vi.mock('../../impl/verbs/qp-engine.ts', async (original) => {
  const real = await original<typeof Engine>();
  const engineToRtr: typeof real.engineToRtr = (engine) => {
    const keeps =
      broken.by === 'keeps its PSN through RESET' && engine.type === 'RC' && engine.responder.expectedPsn > 0;
    if (!keeps) real.engineToRtr(engine);
  };
  return { ...real, engineToRtr };
});
vi.mock('../../impl/rc/retransmit.ts', async (original) => {
  const real = await original<typeof Retransmit>();
  const waitForReceiver: typeof real.waitForReceiver = (qp, ...rest) => {
    if (broken.by === 'never gives up on a receiver') qp.completer.rnrRetry = Math.max(1, qp.completer.rnrRetry);
    return real.waitForReceiver(qp, ...rest);
  };
  const retryForNak: typeof real.retryForNak = (qp) => {
    if (broken.by === 'pays nothing for a NAK') qp.completer.retryCnt += 1;
    return real.retryForNak(qp);
  };
  return { ...real, waitForReceiver, retryForNak };
});
vi.mock('../../impl/rc/tardis.ts', async (original) => {
  const real = await original<typeof Tardis>();
  const judge: typeof real.TARDIS.judge = (qp, packet, ...rest) => {
    const judgement = real.TARDIS.judge(qp, packet, ...rest);
    const { syndrome, opcode } = packet;
    const stopped = opcode === 'RC_ACKNOWLEDGE' && syndrome.kind === 'NAK' && syndrome.code === 'STOPPED';
    return broken.by === 'pauses for anyone' && judgement === 'DROP_SOURCE' && stopped ? 'PAUSE' : judgement;
  };
  return { ...real, TARDIS: { ...real.TARDIS, judge } };
});

afterEach(() => {
  broken.by = '';
});

/** What is left of a run, at most. */
const CAUGHT = [
  { by: 'begins new work in SQD', messages: 3, faults: 1, moves: 1, deeds: 2 },
  { by: 'does not flush in ERR', messages: 2, faults: 1, moves: 1, deeds: 1 },
  { by: 'does not flush in SQE', messages: 0, faults: 0, moves: 0, deeds: 0 },
  { by: 'keeps its PSN through RESET', messages: 1, faults: 0, moves: 0, deeds: 1 },
  { by: 'never gives up on a receiver', messages: 2, faults: 1, moves: 1, deeds: 1 },
  { by: 'pays nothing for a NAK', messages: 4, faults: 3, moves: 1, deeds: 1 },
  { by: 'pauses for anyone', messages: 1, faults: 0, moves: 1, deeds: 2 },
] as const;

test.each(CAUGHT)('REFINES: an implementation that $by is caught, and the run made small', ({ by, ...most }) => {
  broken.by = by;
  const { finding } = campaign({ seed: 6, runs: 400, wild: true, refineEvery: 1 });
  expect(finding?.violations.map(({ property }) => property)).toContain('REFINES');
  const { sends, faults, moves, deeds = [] } = finding?.run ?? { sends: undefined, faults: [], moves: [] };
  const messages = [...(sends?.A.messages ?? []), ...(sends?.B.messages ?? [])].flat();
  const left = { messages: messages.length, faults: faults.length, moves: moves.length, deeds: deeds.length };
  for (const name of ['messages', 'faults', 'moves', 'deeds'] as const)
    expect({ name, size: left[name] <= most[name], left }).toEqual({ name, size: true, left });
});

test.each(['does not flush in ERR', 'never tells that its queue has drained'])(
  'LIVE-1: an implementation that %s is caught without the model',
  (by) => {
    broken.by = by;
    const { finding } = campaign({ seed: 6, runs: 400, wild: true, refineEvery: 0 });
    expect(finding?.violations.map(({ property }) => property)).toContain('LIVE-1');
  },
);

test('unbroken, the same campaign finds nothing', () => {
  expect(campaign({ seed: 6, runs: 150, wild: true, refineEvery: 1 }).finding).toBeUndefined();
});
