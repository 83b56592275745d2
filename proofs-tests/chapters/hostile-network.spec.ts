// Chapter 40: traffic between two devices while somebody adds packets of his own, each with a correct ICRC.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import {
  ACCESS,
  allocMw,
  allocPd,
  createCq,
  createQp,
  incRkey,
  ip,
  modifyQp,
  Nic,
  pollCq,
  postRecv,
  postSend,
  type QpState,
  regMr,
  type SendWr,
  unwrap,
  type WorkCompletion,
} from '../../impl/index.ts';
import { bind } from '../../impl/verbs/mw.ts';
import { icrc } from '../../impl/wire/icrc.ts';
import { type Path, path } from '../../impl/wire/path.ts';

const ADDRESSES = [ip('10.0.0.1'), ip('10.0.0.2')] as const;
const STRANGER = ip('10.0.0.3');
const GUARD = 256;
const OPEN = 4096;
const PSN = 0xfffff0;

type Datagram = { readonly bytes: Uint8Array; readonly way: Path; readonly to: 0 | 1 };

const sealed = (bytes: Uint8Array, way: Path): Uint8Array => {
  new DataView(bytes.buffer).setInt32(bytes.length - 4, icrc(bytes, 0, bytes.length, way), true);
  return bytes;
};

/** Two devices, a QP at each, memory with a guard on both sides of what is registered, and every datagram that was sent. */
class Scene {
  readonly #wire: Datagram[] = [];
  readonly seen: Datagram[] = [];
  readonly done: [WorkCompletion[], WorkCompletion[]] = [[], []];
  readonly #ends = ([0, 1] as const).map((i) => {
    const transmit = (datagram: Uint8Array, way: Path): void => {
      const sent: Datagram = { bytes: datagram.slice(), way, to: i === 0 ? 1 : 0 };
      this.#wire.push(sent);
      this.seen.push(sent);
    };
    const nic = new Nic({ addresses: [ADDRESSES[i]] }, { transmit, wakeAt: () => {} });
    const pd = unwrap(allocPd(nic.open()));
    const cq = unwrap(createCq(pd.context, { cqe: 1024 }));
    const all = new Uint8Array(OPEN + 2 * GUARD).fill(0xaa).fill(0x11, GUARD, GUARD + OPEN);
    // Peers come in by a window; the guards lie in the region, which is not open to them.
    const mr = unwrap(regMr(pd, all, ACCESS.LOCAL_WRITE | ACCESS.MW_BIND));
    const mw = unwrap(allocMw(pd, 1));
    const info = { mr: mr.handle, addr: mr.addr + GUARD, length: OPEN, access: 14 };
    if (!bind(mw, info, incRkey(mw.rkey), 0)) throw new Error('a window that cannot be bound');
    const cap = { maxSendWr: 64, maxRecvWr: 64 };
    return {
      nic,
      cq,
      all,
      mr,
      rkey: mw.window.rkey,
      qp: unwrap(createQp(pd, { qpType: 'RC', sendCq: cq, recvCq: cq, cap })),
    };
  });
  #now = 0;

  constructor(state: QpState) {
    for (const i of [0, 1] as const) this.#walk(i, i === 0 ? 'RTS' : state);
  }

  #walk(i: 0 | 1, state: QpState): void {
    const [{ qp }, peer] = [this.#end(i), this.#end(i === 0 ? 1 : 0)];
    if (state === 'RESET') return;
    unwrap(modifyQp(qp, { qpState: 'INIT', pkeyIndex: 0, portNum: 1, qpAccessFlags: 14 }));
    if (state === 'INIT') return;
    const to = { ahAttr: { dgid: ADDRESSES[i === 0 ? 1 : 0] }, destQpNum: peer.qp.qpNum, rqPsn: PSN };
    unwrap(modifyQp(qp, { qpState: 'RTR', ...to, pathMtu: 256, maxDestRdAtomic: 4, minRnrTimer: 1 }));
    if (state === 'RTR') return;
    const rts = { sqPsn: PSN, timeout: 4, retryCnt: 7, rnrRetry: 7, maxRdAtomic: 4 };
    unwrap(modifyQp(qp, { qpState: 'RTS', ...rts }));
    if (state !== 'RTS') unwrap(modifyQp(qp, { qpState: state }));
  }

  #end(i: number) {
    const end = this.#ends[i];
    if (end === undefined) throw new RangeError(`end ${i}`);
    return end;
  }

  recv(i: number, wrId: number): void {
    const { qp, mr } = this.#end(i);
    if (qp.engine.state !== 'RESET')
      unwrap(postRecv(qp, { wrId, sgList: [{ addr: mr.addr + GUARD + 2048, length: 512, lkey: mr.lkey }] }));
  }

  post(wrId: number, opcode: 'SEND' | 'RDMA_WRITE' | 'RDMA_READ' | 'ATOMIC_FETCH_AND_ADD', length: number): void {
    const [{ qp, mr }, peer] = [this.#end(0), this.#end(1)];
    if (qp.engine.state !== 'RTS') return;
    const sgList = [{ addr: mr.addr + GUARD, length: opcode === 'ATOMIC_FETCH_AND_ADD' ? 8 : length, lkey: mr.lkey }];
    const remote = { remoteAddr: peer.mr.addr + GUARD, rkey: peer.rkey };
    const wr = { wrId, opcode, sgList, signaled: true, compareAdd: 1n, ...(opcode === 'SEND' ? {} : remote) };
    unwrap(postSend(qp, wr as SendWr));
  }

  /** Time passes: what was sent arrives, both devices have their turns. */
  turn(): void {
    for (let round = 0; round < 4; round++) {
      this.#now += 30_000;
      for (const [i, { nic, cq }] of this.#ends.entries()) {
        nic.tick(this.#now);
        this.done[i === 0 ? 0 : 1].push(...pollCq(cq, 100));
      }
      for (const { bytes, way, to } of this.#wire.splice(0)) this.#end(to).nic.receive(bytes, way, this.#now);
    }
  }

  /** The PSN that the responder of an end expects. */
  expectedPsn(i: number): number {
    const { engine } = this.#end(i).qp;
    return engine.type === 'RC' ? engine.responder.expectedPsn : 0;
  }

  /** Somebody's packet arrives; how many the device has dropped then. */
  hit({ bytes, way, to }: Datagram): number {
    const { nic } = this.#end(to);
    const drops = (): number => Object.values(nic.counters.drops).reduce((sum, count) => sum + count, 0);
    const before = drops();
    nic.receive(sealed(bytes, way), way, this.#now);
    return drops() - before;
  }

  get guardsHold(): boolean {
    return this.#ends.every(({ all }) =>
      [0, GUARD + OPEN].every((at) => all.subarray(at, at + GUARD).every((b) => b === 0xaa)),
    );
  }
}

/** What is done to a packet that was sent: fields that decide, or any byte, or its length. */
const anyChange = fc.oneof(
  fc.record({ at: fc.constantFrom(0, 1, 8, 9, 10, 11, 12, 16, 18, 19, 20, 23, 24, 26, 27), value: fc.nat(255) }),
  fc.record({ at: fc.nat(300), value: fc.nat(255) }),
  fc.record({ at: fc.constant(0), value: fc.nat(0x1d) }),
  fc.record({ longer: fc.constantFrom(-256, -8, -4, 4, 8, 256) }),
  // The PSN that is expected: a packet that is no duplicate.
  { weight: 3, arbitrary: fc.record({ fresh: fc.constant(true) }) },
  // The virtual address of a RETH or AtomicETH: near the ends of what is open.
  fc.record({ further: fc.constantFrom(-256, -8, -1, 1, OPEN - 500, OPEN - 256, OPEN - 8, OPEN - 7, OPEN) }),
);
type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

const changed = ({ bytes, way, to }: Datagram, changes: readonly Change[], expectedPsn: number): Datagram => {
  let result = bytes.slice();
  for (const change of changes) {
    if ('longer' in change) {
      const longer = new Uint8Array(Math.max(16, result.length + change.longer));
      longer.set(result.subarray(0, longer.length));
      result = longer;
    } else if ('fresh' in change) {
      result.set([expectedPsn >> 16, (expectedPsn >> 8) & 0xff, expectedPsn & 0xff], 9);
    } else if ('further' in change) {
      if (result.length < 32) continue;
      const view = new DataView(result.buffer);
      view.setUint32(16, view.getUint32(16) + change.further);
    } else if (change.at < result.length) result[change.at] = change.value;
  }
  return { bytes: result, way, to };
};

const anyStep = fc.record({
  opcode: fc.constantFrom('SEND', 'RDMA_WRITE', 'RDMA_READ', 'ATOMIC_FETCH_AND_ADD'),
  length: fc.constantFrom(0, 8, 256, 500),
  hits: fc.array(fc.record({ which: fc.nat(), changes: fc.array(anyChange, { minLength: 1, maxLength: 3 }) }), {
    maxLength: 12,
  }),
});
const anySteps = fc.array(anyStep, { minLength: 1, maxLength: 12 });

const run = (
  state: QpState,
  steps: readonly (typeof anyStep extends fc.Arbitrary<infer T> ? T : never)[],
  disguise: (d: Datagram, n: number) => Datagram,
  judge: (dropped: number, hit: Datagram) => void,
): Scene => {
  const scene = new Scene(state);
  for (const [wrId, { opcode, length, hits }] of steps.entries()) {
    for (const i of [0, 1]) scene.recv(i, wrId);
    scene.post(wrId, opcode, length);
    scene.turn();
    for (const { which, changes } of hits) {
      const model = scene.seen[which % Math.max(1, scene.seen.length)];
      if (model === undefined) continue;
      const hit = disguise(changed(model, changes, scene.expectedPsn(model.to)), which);
      judge(scene.hit(hit), hit);
    }
  }
  for (let i = 0; i < 40; i++) scene.turn();
  return scene;
};

test.prop([fc.constantFrom<QpState>('RTS', 'RTS', 'RTS', 'RTR', 'SQD', 'ERR', 'INIT', 'RESET'), anySteps])(
  'VRB-60: packets of traffic, changed and sealed anew, neither throw nor write outside, and are dropped once at most',
  (state, steps) => {
    const scene = run(
      state,
      steps,
      (hit) => hit,
      (dropped) => expect(dropped).toBeLessThanOrEqual(1),
    );
    expect(scene.guardsHold).toBe(true);
  },
);

/** The opcode of RESUME, which may come from anywhere (MIG-17), and that of CNP, which is counted on its own (RC-82). */
const TAKEN_FROM_ANYBODY: readonly number[] = [0x19, 0x81];

test.prop([anySteps])(
  'VRB-60, RC-80: packets that are not the peer’s are dropped and counted, and traffic goes on as if there were none',
  (steps) => {
    const disguise = ({ bytes, way, to }: Datagram, n: number): Datagram => {
      if (TAKEN_FROM_ANYBODY.includes(bytes[0] ?? 0)) bytes[0] = 4;
      if (n % 3 === 0) return { bytes, way: path(STRANGER, way.destination, way.sourcePort), to };
      if (n % 3 === 1)
        bytes.set([0x12, 0x34], 2); // the P_Key
      else bytes[5] = 0xee; // the QPN
      return { bytes, way, to };
    };
    const scene = run('RTS', steps, disguise, (dropped) => expect(dropped).toBe(1));
    const expected = steps.map((_, wrId) => ({ wrId, status: 'SUCCESS' }));
    expect(scene.done[0].map(({ wrId, status }) => ({ wrId, status }))).toEqual(expected);
    const received = steps.filter(({ opcode }) => opcode === 'SEND').map(({ length }) => length);
    expect(scene.done[1].map(({ byteLen }) => byteLen)).toEqual(received);
    expect(scene.guardsHold).toBe(true);
  },
);
