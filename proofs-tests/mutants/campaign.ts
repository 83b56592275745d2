import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { allScenarios } from '../scenario/load.ts';
import type { ProtocolName } from '../scenario/schema.ts';
import type { Baseline } from './baseline.ts';
import { type Equivalent, readEquivalents } from './equivalents.ts';
import type { Mutation } from './mutation.ts';
import { mutationsOn, subjectNamed } from './subject.ts';
import type { Task, Tried } from './worker.ts';

export type Survivor = {
  readonly rule: string;
  readonly mutation: string;
  /** Scenarios that reach the changed place and noticed nothing. */
  readonly tried: number;
  /** Scenarios that the mutant made too large to be searched whole. */
  readonly grew?: readonly string[];
};

export type Report = {
  readonly protocol: ProtocolName;
  readonly mutants: number;
  readonly killed: number;
  /** Survivors that spec/mutants-equivalent.md gives a reason for. */
  readonly justified: number;
  /** Killed or justified, of all. */
  readonly share: number;
  readonly survivors: readonly Survivor[];
  /** Rows of the table whose mutants were all killed, or that no mutant has the name of. */
  readonly idle: readonly string[];
};

export type CampaignOptions = {
  /** Leaves vectors and tables out: only scenarios may notice. */
  readonly scenariosOnly?: boolean;
  readonly rule?: string;
  readonly workers?: number;
  readonly onProgress?: (text: string) => void;
};

/** Few enough that the cores end together. */
const CHUNK = 8;

const chunks = <T>(list: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, k) => list.slice(k * size, (k + 1) * size));

type ReportOptions = {
  /** Leaves every other rule's mutants, and the idle rows, out. */
  readonly rule?: string;
  /** Reasons written for another protocol: never idle here. */
  readonly shared?: readonly Equivalent[];
};

/** Sums up; pure. */
export const report = (
  protocol: ProtocolName,
  results: readonly Tried[],
  equivalents: readonly Equivalent[],
  { rule, shared = [] }: ReportOptions = {},
): Report => {
  const reasons = [...equivalents, ...shared];
  const survived = results.flatMap(({ mutation, fate }) => (fate.is === 'survived' ? [{ mutation, fate }] : []));
  const open = survived.filter(({ mutation }) => !reasons.some(({ matches }) => matches(mutation.id)));
  const killed = results.length - survived.length;
  const justified = survived.length - open.length;
  return {
    protocol,
    mutants: results.length,
    killed,
    justified,
    share: results.length === 0 ? 1 : (killed + justified) / results.length,
    survivors: open.map(({ mutation, fate }) => ({
      rule: mutation.rule,
      mutation: mutation.id,
      tried: fate.tried,
      ...(fate.grew.length === 0 ? {} : { grew: fate.grew }),
    })),
    idle:
      rule === undefined
        ? equivalents
            .filter(({ matches }) => !survived.some(({ mutation }) => matches(mutation.id)))
            .map(({ pattern }) => pattern)
        : [],
  };
};

/** Breaks a protocol's machines edge by edge, on all cores. */
export const campaign = async (protocol: ProtocolName, options: CampaignOptions = {}): Promise<Report> => {
  const { rule, scenariosOnly = false, workers = availableParallelism(), onProgress = () => {} } = options;
  const pool = new Tinypool({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
  });
  const each = async <T, R>(list: readonly T[], what: string, task: (item: T) => Task): Promise<readonly R[]> => {
    let done = 0;
    return Promise.all(
      list.map(async (item) => {
        const result: R = await pool.run(task(item));
        done += 1;
        onProgress(`${what} ${done} of ${list.length}`);
        return result;
      }),
    );
  };
  try {
    const names = allScenarios().flatMap(({ name, deep }) => (deep ? [] : [name]));
    const all = await each<string, Baseline>(names, 'scenario', (scenario) => ({
      task: 'baseline',
      protocol,
      scenario,
    }));
    const baselines = all.filter(({ verdict }) => verdict.complete);
    const mutations = mutationsOn(subjectNamed(protocol), all).filter((one) => rule === undefined || one.rule === rule);
    const results = await each<readonly Mutation[], readonly Tried[]>(
      chunks(mutations, CHUNK),
      `mutants, eights:`,
      (few) => ({
        task: 'trials',
        protocol,
        mutations: few,
        scenariosOnly,
        baselines,
      }),
    );
    const { own, shared } = readEquivalents(protocol);
    return report(protocol, results.flat(), own, { shared, ...(rule === undefined ? {} : { rule }) });
  } finally {
    await pool.destroy();
  }
};
