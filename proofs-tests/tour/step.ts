/** The main job as a list of steps, each with what is expected of it; an expected hole that is not found is a failure too. */
import type { Progress } from '../terminal/progress.ts';

export type Outcome = {
  /** Whether the expectation held. */
  readonly held: boolean;
  /** What was found, in a few words and numbers. */
  readonly found: string;
  /** Text for the reader, such as a message sequence. */
  readonly show?: string;
};

export type Step = {
  readonly name: string;
  readonly expectation: string;
  readonly run: (progress: Progress) => Promise<Outcome>;
};

export type Verdict = Omit<Outcome, 'show'> & {
  readonly name: string;
  readonly expectation: string;
  readonly seconds: number;
};

/** What the runner tells while it goes on. */
export type Watcher = {
  readonly begin: (step: Step, number: number, of: number) => Progress;
  readonly end: (verdict: Verdict, outcome: Outcome) => void;
};

const failed = (error: unknown): Outcome => ({
  held: false,
  found: error instanceof Error ? error.message : String(error),
});

/** Runs all steps, one after the other; a step that throws has not held, and the others still run. */
export const runSteps = async (steps: readonly Step[], watcher: Watcher): Promise<readonly Verdict[]> => {
  const verdicts: Verdict[] = [];
  for (const [index, step] of steps.entries()) {
    const shown = watcher.begin(step, index + 1, steps.length);
    const started = process.hrtime.bigint();
    const outcome = await step.run(shown).catch(failed);
    shown.stop();
    const seconds = Number(process.hrtime.bigint() - started) / 1e9;
    const { held, found } = outcome;
    const verdict = { name: step.name, expectation: step.expectation, held, found, seconds };
    watcher.end(verdict, outcome);
    verdicts.push(verdict);
  }
  return verdicts;
};
