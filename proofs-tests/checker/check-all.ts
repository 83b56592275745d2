import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import type { NamedScenario } from '../scenario/load.ts';
import { type CheckOptions, propertiesOf } from './check.ts';
import type { CheckTask } from './check-worker.ts';
import type { ProtocolChoice } from './named-protocol.ts';
import { type Checked, checkScenario } from './report.ts';

export type CheckAllOptions = Omit<CheckOptions, 'onProgress' | 'share'> & {
  /** Threads, never more than scenarios. Where it is not given: as many as there are cores, if all have enough to do. */
  readonly workers?: number;
  readonly onProgress?: (text: string) => void;
};

/** Scenarios that a thread of its own is worth: each compiles the code anew, so that a few end as soon in one thread. */
const WORTH_A_THREAD = 128;

const inTurn = (
  scenarios: readonly NamedScenario[],
  choice: ProtocolChoice,
  options: CheckOptions,
  tell: (text: string) => void,
): readonly Checked[] =>
  scenarios.flatMap((scenario, k) => {
    const place = `${k + 1}/${scenarios.length} ${scenario.name}`;
    tell(place);
    const onProgress = (states: number) => tell(`${place}: ${states.toLocaleString('en-US')} states`);
    return [...checkScenario(scenario, choice, { ...options, onProgress })];
  });

const inParallel = async (
  scenarios: readonly NamedScenario[],
  choice: ProtocolChoice,
  options: CheckOptions,
  workers: number,
  tell: (text: string) => void,
): Promise<readonly Checked[]> => {
  const filename = new URL('./check-worker.js', import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: workers, maxThreads: workers });
  let [done, states] = [0, 0];
  try {
    const all = scenarios.map(async (scenario): Promise<readonly Checked[]> => {
      const task: CheckTask = { scenario, choice, options: { ...options, share: 1 / workers } };
      const checked: readonly Checked[] = await pool.run(task);
      done += 1;
      for (const { verdict } of checked) states += verdict.states;
      tell(`${done} of ${scenarios.length} scenarios: ${states.toLocaleString('en-US')} states`);
      return checked;
    });
    return (await Promise.all(all)).flat();
  } finally {
    await pool.destroy();
  }
};

/**
 * Explores each scenario under a protocol, on several cores where that is faster; in the order of the scenarios, whichever
 * ends first. Each thread takes its part of the machine's memory.
 * @throws NotWithSymmetry
 */
export const checkAll = async (
  scenarios: readonly NamedScenario[],
  choice: ProtocolChoice,
  { workers, onProgress = () => {}, ...options }: CheckAllOptions = {},
): Promise<readonly Checked[]> => {
  propertiesOf(options);
  const worth = Math.min(availableParallelism(), Math.ceil(scenarios.length / WORTH_A_THREAD));
  const threads = Math.min(workers ?? worth, scenarios.length);
  return threads > 1
    ? inParallel(scenarios, choice, options, threads, onProgress)
    : inTurn(scenarios, choice, options, onProgress);
};
