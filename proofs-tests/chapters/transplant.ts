// Moves an end of a pair to another device, object by object, without an image: what chapter tests need of a migration.
import { allocPd, createCq, createQp, type IpAddress, regMr, unwrap } from '../../impl/index.ts';
import { captureQp, rebuildQp, resumeContext } from '../../impl/verbs/migrate-qp.ts';
import type { End, Pair } from './pair.ts';

/** Recreates a stopped end at a new device with the address; the memory is copied. The copy is still stopped. */
export const transplant = ({ world }: Pair, end: End, address: IpAddress): End => {
  const index = world.add({ addresses: [address] });
  const context = world.nic(index).open();
  const pd = unwrap(allocPd(context, end.pd.handle));
  const bytes = end.bytes.slice();
  const { region } = end.mr;
  const mr = unwrap(regMr(pd, bytes, region.access, { addr: region.addr, handle: end.mr.handle, key: region.rkey }));
  const [sendCq, recvCq] = [end.sendCq, end.recvCq].map(({ handle, queue }) => {
    const cq = unwrap(createCq(context, { cqe: queue.capacity, handle }));
    cq.queue.restore(queue.list(), queue.arming, queue.overrun);
    return cq;
  });
  if (sendCq === undefined || recvCq === undefined) throw new Error('two queues were mapped');
  const { qpNum, qpType, handle, engine } = end.qp;
  const qp = unwrap(
    createQp(pd, { qpType, sendCq, recvCq, cap: engine.cap, sqSigAll: engine.sqSigAll, qpNum, handle }),
  );
  rebuildQp(qp, captureQp(end.qp, world.now), world.now);
  context.stopped = true;
  return { index, context, pd, sendCq, recvCq, qp, mr, bytes };
};

/** Lets the copy run. */
export const resumeEnd = ({ world }: Pair, end: End): void =>
  world.act(end.index, 'resume', (now) => resumeContext(end.context, now));
