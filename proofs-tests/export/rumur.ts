/** Runs Rumur on an exported model: `rumur`, `gcc`, the verifier. */
import { missingOf, withWorkshop } from './foreign-checker.ts';

export type RumurFound = {
  readonly states: number;
  readonly transitions: number;
  /** Properties that fell, sorted. */
  readonly falls: readonly string[];
  /** What the model says and Rumur does not find: a property that fell though it is said to hold, or the other way round. */
  readonly contradicts: readonly string[];
};

/** Why Rumur cannot run here; undefined where it can. */
export const rumurMissing = (): string | undefined => missingOf({ rumur: '--version', gcc: '--version' });

/** What an error says, without its place in the text. */
const plain = (text: string): string =>
  text.replaceAll('&quot;', '"').replace(/^Assertion failed: \S+: (.*)$/, '$1 is violated');

/** Reads what the verifier printed. @throws where it says no totals */
export const readRumur = (report: string): RumurFound => {
  const totals = /<summary states="(\d+)" rules_fired="(\d+)"/.exec(report);
  if (!totals) throw new Error(`the verifier did not finish:\n${report.slice(-2000)}`);
  const covers = [...report.matchAll(/<cover_result message="([^"]+)" count="(\d+)"/g)];
  const errors = [...report.matchAll(/<message>(.*?)<\/message>/g)].map(([, text]) => plain(text ?? ''));
  const isRecovery = (text: string): boolean => text === 'liveness property "REC-1" violated';
  const hit = covers.flatMap(([, id = '', count]) => (count === '0' ? [] : [id]));
  return {
    states: Number(totals[1]),
    transitions: Number(totals[2]),
    falls: [...hit, ...(errors.some(isRecovery) ? ['REC-1'] : [])].sort(),
    contradicts: [
      ...errors.filter((text) => !isRecovery(text)),
      ...covers.flatMap(([, id, count]) => (count === '0' ? [`${id} does not fall`] : [])),
    ],
  };
};

/** A verifier that found an error ends with 1. */
const FINISHED = [0, 1];

/** Translates and compiles a model and runs its verifier. */
export const runRumur = (model: string): RumurFound =>
  withWorkshop('model.m', model, ({ run }) => {
    const form = ['--deadlock-detection', 'off', '--output-format', 'machine-readable'];
    run('rumur', [...form, 'model.m', '-o', 'model.c']);
    run('gcc', ['-O1', '-std=c11', '-mcx16', '-o', 'model', 'model.c', '-lpthread']);
    return readRumur(run('./model', [], FINISHED));
  });
