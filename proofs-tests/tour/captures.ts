import { captureFixtures } from '../capture/fixtures.ts';
import { verifyCapture } from '../capture/verify.ts';
import type { Step } from './step.ts';

/** What Linux put on the wire: every packet decodes, encodes to the same bytes, and is refused with a bit changed. */
export const capturesStep: Step = {
  name: 'captures of Linux rdma_rxe',
  expectation: 'encode to the same bytes, refused if altered',
  run: async (progress) => {
    const verdicts = captureFixtures().map(({ name, path }) => {
      progress.update(name);
      return verifyCapture(path);
    });
    const total = (of: (verdict: (typeof verdicts)[number]) => number): number =>
      verdicts.reduce((sum, verdict) => sum + of(verdict), 0);
    const [packets, mutations] = [total((one) => one.packets), total((one) => one.mutations)];
    const findings = verdicts.flatMap(({ file, findings: list }) =>
      list.map(({ frame, message }) => `${file} frame ${frame}: ${message}`),
    );
    return {
      held: findings.length === 0 && packets > 0 && mutations > 0,
      found: `${verdicts.length} captures, ${packets} packets, ${total((one) => one.reencoded)} encoded to the same bytes; ${total((one) => one.rejectedMutations)} of ${mutations} changed bits refused`,
      ...(findings.length === 0 ? {} : { show: findings.slice(0, 10).join('\n') }),
    };
  },
};
