/** Runs exported TLA+ in tla-rs, which parses and searches it by its own rules; TLC's language without TLC. */
import { readFileSync } from 'node:fs';
import { check_spec_with_cfg as checkSpec, initSync } from 'tla-checker';
import { z } from 'zod';

const WASM = new URL(import.meta.resolve('tla-checker')).href.replace(/tla_checker\.js$/, 'tla_checker_bg.wasm');

const foundSchema = z.object({
  success: z.boolean(),
  error_type: z.string().nullable(),
  error_message: z.string().nullable(),
  states_explored: z.int(),
});

export type TlaFound = {
  readonly states: number;
  /** What ended the search early, in its words; undefined where it saw every state and nothing fell. */
  readonly error: string | undefined;
};

/** More steps than any run of these models has without meeting a state again. */
const MOST_STEPS = 10_000;

/** @param mostStates more than the model has: at this bound the search would end without a word. */
export const runTla = (module: string, cfg: string, mostStates: number): TlaFound => {
  initSync({ module: readFileSync(new URL(WASM)) });
  const found = foundSchema.parse(JSON.parse(checkSpec(module, cfg, '{}', mostStates, MOST_STEPS, true, false)));
  const error = found.success ? undefined : `${found.error_type}: ${found.error_message}`;
  return { states: found.states_explored, error };
};
