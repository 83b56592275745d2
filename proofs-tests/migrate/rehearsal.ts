// Owns the rehearsal of a migration inside one process: what a host that has run for a while has behind it. Without it
// the blackout of a freshly started process would measure its compiler.
import { type Context, ip, Nic, unwrap } from '../../impl/index.ts';
import { destroyContext } from '../../impl/migration/destroy.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import { StreamEnd } from './stream-end.ts';

const PLAN = { qps: 48, messages: 20, seed: 1, mtu: 256, window: 4, depth: 8, imm: true, oneSided: false };

const offline = (address: string): Nic =>
  new Nic({ addresses: [ip(address)] }, { transmit: () => {}, wakeAt: () => {} });

const busyContext = (nic: Nic): Context => {
  const context = nic.open();
  const end = StreamEnd.build(context, PLAN, 0);
  end.connect(ip('192.0.2.2'), end.numbers());
  end.go();
  nic.tick(0);
  return context;
};

/** Migrates a small context from one device that nobody hears to another, some times. */
export const rehearse = (rounds: number): void => {
  for (let round = 0; round < rounds; round++) {
    const [source, target] = [offline('192.0.2.1'), offline('192.0.2.3')];
    const context = busyContext(source);
    stopContext(context, 1);
    const image = readImage(Buffer.concat(writeImage(unwrap(dump(context)))));
    if (!image.ok) throw new Error(image.error.message);
    const restored = unwrap(restore(target, image.value, 2));
    StreamEnd.adopt(restored);
    resumeContext(restored, 3);
    target.tick(4);
    destroyContext(restored);
  }
};
