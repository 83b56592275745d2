// Owns the rehearsal of a migration inside one process: what a host that has run for a while has behind it. Without it
// the blackout of a freshly started process would measure its compiler.
import { type Context, type IpAddress, ip, Nic, unwrap } from '../../impl/index.ts';
import { destroyContext } from '../../impl/migration/destroy.ts';
import { dump } from '../../impl/migration/dump.ts';
import { readImage, writeImage } from '../../impl/migration/image-file.ts';
import { restore } from '../../impl/migration/restore.ts';
import { resumeContext, stopContext } from '../../impl/verbs/migrate-qp.ts';
import type { Path } from '../../impl/wire/path.ts';
import type { Rehearsal } from './control.ts';
import { StreamEnd } from './stream-end.ts';

const PLAN = { messages: 2, seed: 1, mtu: 256, window: 2, depth: 4, imm: true, oneSided: false } as const;

const SOURCE = ip('192.0.2.1');
const PEER = ip('192.0.2.2');
const TARGET = ip('192.0.2.3');

/** Three devices and what is on its way between them: no socket, no clock. */
class Stage {
  readonly #nics = new Map<IpAddress, Nic>();
  #wire: { readonly datagram: Uint8Array; readonly path: Path }[] = [];
  #now = 0;

  constructor() {
    for (const address of [SOURCE, PEER, TARGET]) {
      const transmit = (datagram: Uint8Array, path: Path) => {
        this.#wire.push({ datagram: datagram.slice(), path });
      };
      this.#nics.set(address, new Nic({ addresses: [address] }, { transmit, wakeAt: () => {} }));
    }
  }

  nic(address: IpAddress): Nic {
    const nic = this.#nics.get(address);
    if (nic === undefined) throw new Error(`no device at ${address}`);
    return nic;
  }

  get now(): number {
    return this.#now;
  }

  /** Carries everything to where it goes, and gives every device its turn. */
  turn(): void {
    this.#now += 1000;
    const arriving = this.#wire;
    this.#wire = [];
    for (const { datagram, path } of arriving) this.nic(path.destination).receive(datagram, path, this.#now);
    for (const nic of this.#nics.values()) nic.tick(this.#now, 256);
  }
}

/** The context as it comes out of a file, at the target. */
const moved = (stage: Stage, context: Context): Context => {
  stopContext(context, stage.now);
  const image = readImage(Buffer.concat(writeImage(unwrap(dump(context)))));
  if (!image.ok) throw new Error(image.error.message);
  const restored = unwrap(restore(stage.nic(TARGET), image.value, stage.now));
  destroyContext(context);
  return restored;
};

/** Migrates a small application in the middle of its work, some times, and lets it finish. */
export const rehearse = ({ rounds, qps }: Rehearsal): void => {
  for (let round = 0; round < rounds; round++) {
    const stage = new Stage();
    const source = StreamEnd.build(stage.nic(SOURCE).open(), { ...PLAN, qps }, 0);
    const peer = StreamEnd.build(stage.nic(PEER).open(), { ...PLAN, qps }, 1);
    source.connect(PEER, peer.numbers());
    peer.connect(SOURCE, source.numbers());
    source.go();
    peer.go();
    for (let turn = 0; turn < 4; turn++) {
      stage.turn();
      source.poll();
      peer.poll();
    }
    const context = moved(stage, source.context);
    const target = StreamEnd.adopt(context);
    resumeContext(context, stage.now);
    target.go();
    for (let turn = 0; turn < 400 && !(target.done && peer.done); turn++) {
      stage.turn();
      target.poll();
      peer.poll();
    }
    if (!target.done || !peer.done || target.harmed + peer.harmed > 0) throw new Error('the rehearsal has failed');
  }
};
