import { migrate } from '../migrate/migrate.ts';
import { DEFAULTS } from '../migrate/options.ts';
import { renderReport } from '../migrate/render.ts';
import type { Step } from './step.ts';

/** One live migration between real processes, with loss, as `godwit migrate` runs it by default. */
export const migrationStep: Step = {
  name: 'live migration over UDP',
  expectation: 'every message once, in order, unharmed',
  run: async (progress) => {
    const report = await migrate(DEFAULTS, ({ phase, received, total }) =>
      progress.update(`${phase}, ${received} of ${total} messages`),
    );
    const { messages, lost, retransmitted, blackoutMs, intact } = report;
    return {
      held: intact && lost > 0,
      found: `${messages} messages, ${lost} packets lost, ${retransmitted} sent again, ${blackoutMs.toFixed(1)} ms blackout`,
      show: renderReport(report),
    };
  },
};
