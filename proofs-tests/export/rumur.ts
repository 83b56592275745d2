/** Runs Rumur on an exported model: `rumur`, `gcc`, the verifier, in a folder of their own that is removed afterwards. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type RumurFound = {
  readonly states: number;
  readonly transitions: number;
  /** Properties that fell, sorted. */
  readonly falls: readonly string[];
  /** What the model says and Rumur does not find: a property that fell though it is said to hold, or the other way round. */
  readonly contradicts: readonly string[];
};

const runs = (program: string, flag: string): boolean => spawnSync(program, [flag]).status === 0;

/** Why Rumur cannot run here; undefined where it can. */
export const rumurMissing = (): string | undefined => {
  const missing = [...(runs('rumur', '--version') ? [] : ['rumur']), ...(runs('gcc', '--version') ? [] : ['gcc'])];
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
};

/** @param good exit codes: a verifier that found an error ends with 1. */
const run = (folder: string, good: readonly number[], program: string, ...args: readonly string[]): string => {
  const { status, stdout, stderr, error } = spawnSync(program, [...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === null || !good.includes(status))
    throw new Error(`${program}: ${error?.message ?? `${stdout}${stderr}`.slice(-2000)}`);
  return stdout;
};

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

/** Translates and compiles a model and runs its verifier. */
export const runRumur = (model: string): RumurFound => {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-rumur-'));
  try {
    writeFileSync(join(folder, 'model.m'), model);
    const form = ['--deadlock-detection', 'off', '--output-format', 'machine-readable'];
    run(folder, [0], 'rumur', ...form, 'model.m', '-o', 'model.c');
    run(folder, [0], 'gcc', '-O1', '-std=c11', '-mcx16', '-o', 'model', 'model.c', '-lpthread');
    return readRumur(run(folder, [0, 1], './model'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
