/** What a worker of the pool does: one scenario, under every reading that it tells apart. */
import type { NamedScenario } from '../scenario/load.ts';
import type { CheckOptions } from './check.ts';
import type { ProtocolChoice } from './named-protocol.ts';
import { type Checked, checkScenario } from './report.ts';

export type CheckTask = {
  readonly scenario: NamedScenario;
  readonly choice: ProtocolChoice;
  readonly options: Omit<CheckOptions, 'onProgress'>;
};

export default ({ scenario, choice, options }: CheckTask): readonly Checked[] => [
  ...checkScenario(scenario, choice, options),
];
