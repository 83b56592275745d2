import { capturesStep } from './captures.ts';
import { fuzzStep } from './fuzz.ts';
import { migrationStep } from './migration.ts';
import { closedStep, holeStep, oneEndStep } from './proofs.ts';
import type { Step } from './step.ts';

/** The main job, in the order in which a newcomer can follow it. */
export const STEPS: readonly Step[] = [capturesStep, oneEndStep, holeStep, closedStep, fuzzStep, migrationStep];
