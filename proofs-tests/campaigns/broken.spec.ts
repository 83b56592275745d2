/** Five implementations broken by hand: each is caught, and the run that shows it is made small. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type * as ImageRestore from '../../impl/migration/restore.ts';
import type * as Duplicate from '../../impl/rc/duplicate.ts';
import type * as Execute from '../../impl/rc/execute.ts';
import type * as Migration from '../../impl/rc/migration.ts';
import type * as Outbox from '../../impl/rc/outbox.ts';
import { transmitRequest } from '../../impl/rc/request-packet.ts';
import type * as Retransmit from '../../impl/rc/retransmit.ts';
import { opcodeInfo } from '../../impl/wire/opcode.ts';
import { psnAdd } from '../../impl/wire/psn.ts';
import { campaign } from './campaign.ts';
import type { Run } from './run.ts';

const broken = vi.hoisted(() => ({ by: '' }));

vi.mock('../../impl/rc/retransmit.ts', async (original) => {
  const real = await original<typeof Retransmit>();
  const retry: typeof real.retry = (qp) => {
    real.retry(qp);
    if (broken.by !== 'skips a retransmit' || qp.sq.tail === qp.sq.begun) return;
    // Goes back, but not as far as the oldest unacknowledged PSN.
    const { requester, sq } = qp;
    requester.psn = psnAdd(requester.psn, 1);
    requester.packet += 1;
    if (requester.packet < sq.at(requester.cursor).psnCount) return;
    requester.cursor += 1;
    requester.packet = 0;
  };
  return { ...real, retry };
});
vi.mock('../../impl/rc/outbox.ts', async (original) => {
  const real = await original<typeof Outbox>();
  const answerAck: typeof real.answerAck = (qp, psn, syndrome) =>
    real.answerAck(qp, broken.by === 'acknowledges too far' && syndrome === undefined ? psnAdd(psn, 1) : psn, syndrome);
  return { ...real, answerAck };
});
vi.mock('../../impl/rc/duplicate.ts', async (original) => {
  const real = await original<typeof Duplicate>();
  const { execute } = await vi.importActual<typeof Execute>('../../impl/rc/execute.ts');
  const onDuplicate: typeof real.onDuplicate = (...duplicate) => {
    const [qp, packet] = duplicate;
    const info = opcodeInfo(packet.opcode);
    const whole = info.starts && info.ends && qp.held === undefined && qp.rq.count > 0;
    if (broken.by === 'delivers a duplicate' && whole) {
      execute(qp, packet, info);
      qp.responder.expectedPsn = psnAdd(qp.responder.expectedPsn, -1);
    } else real.onDuplicate(...duplicate);
  };
  return { ...real, onDuplicate };
});
vi.mock('../../impl/rc/migration.ts', async (original) => {
  const real = await original<typeof Migration>();
  const pause: typeof real.pause = (qp) => {
    real.pause(qp);
    if (broken.by === 'sends while paused' && qp.sq.tail < qp.sq.begun)
      transmitRequest(qp, qp.sq.at(qp.sq.tail), 0, true);
  };
  return { ...real, pause };
});
vi.mock('../../impl/migration/restore.ts', async (original) => {
  const real = await original<typeof ImageRestore>();
  const restore: typeof real.restore = (nic, { objects, memory }, now) => {
    const mrs = objects.mrs.map((mr) => ({ ...mr, key: broken.by === 'forgets a key' ? mr.key ^ 0x100 : mr.key }));
    return real.restore(nic, { objects: { ...objects, mrs }, memory }, now);
  };
  return { ...real, restore };
});

afterEach(() => {
  broken.by = '';
});

const SHAPE = { connections: 2, messages: 5, moves: { min: 0, max: 1 } };

/** What is left of a run: messages, faults, moves. */
const sizeOf = ({ sends, faults, moves }: Run) => ({
  messages: [...sends.A.messages, ...sends.B.messages].reduce((sum, list) => sum + list.length, 0),
  faults: faults.length,
  moves: moves.length,
});

const found = (by: string, refineEvery: number) => {
  broken.by = by;
  const { finding } = campaign({ seed: 11, runs: 400, shape: SHAPE, refineEvery });
  if (finding === undefined) return undefined;
  return { properties: new Set(finding.violations.map(({ property }) => property)), ...sizeOf(finding.run) };
};

/** By what a broken implementation is caught, and at most what is left of the run that shows it. */
const CAUGHT = [
  { by: 'skips a retransmit', properties: ['LIVE-1'], messages: 1, faults: 1, moves: 0 },
  { by: 'acknowledges too far', properties: ['SAFE-1', 'SAFE-7'], messages: 1, faults: 0, moves: 0 },
  { by: 'delivers a duplicate', properties: ['SAFE-2', 'SAFE-7'], messages: 4, faults: 1, moves: 1 },
  { by: 'sends while paused', properties: ['SAFE-5'], messages: 1, faults: 1, moves: 1 },
  { by: 'forgets a key', properties: ['SAFE-7'], messages: 1, faults: 0, moves: 1 },
] as const;

const atMost = (one: ReturnType<typeof sizeOf> | undefined, most: ReturnType<typeof sizeOf>): boolean =>
  one !== undefined && one.messages <= most.messages && one.faults <= most.faults && one.moves <= most.moves;

describe.each(CAUGHT)('an implementation that $by', ({ by, properties, ...most }) => {
  test(`${properties.join(' or ')}: is caught without the model, and made small`, () => {
    const one = found(by, 0);
    expect(properties.some((property) => one?.properties.has(property))).toBe(true);
    expect(atMost(one, most), JSON.stringify(one)).toBe(true);
  });

  test('REFINES: takes a step that the model does not have', () => {
    const one = found(by, 1);
    expect(one?.properties).toContain('REFINES');
    expect(atMost(one, { messages: 2, faults: 1, moves: 1 }), JSON.stringify(one)).toBe(true);
  });
});

test('unbroken, the same campaign finds nothing', () => {
  expect(found('', 50)).toBeUndefined();
});
