/** Runs Spin on an exported model: `spin -a`, `gcc`, `pan`. */
import { missingOf, withWorkshop } from './foreign-checker.ts';

export type SpinFound = {
  readonly states: number;
  readonly transitions: number;
  /** Properties that fell, sorted. */
  readonly falls: readonly string[];
  /** Processor time of the search, without translation and compilation. */
  readonly seconds: number;
};

/** Why Spin cannot run here; undefined where it can. */
export const spinMissing = (): string | undefined => missingOf({ spin: '-V', gcc: '--version' });

const numberIn = (report: string, pattern: RegExp): number => {
  const [, digits] = pattern.exec(report) ?? [];
  if (digits === undefined) throw new Error(`pan did not say ${pattern.source}:\n${report.slice(-2000)}`);
  return Number(digits);
};

/** The last line of the shell's `times`: user and system time of what it ran. */
const minutesAndSeconds = (report: string): number => {
  const [, ...parts] = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(report.trimEnd().split('\n').at(-1) ?? '') ?? [];
  const [userMinutes = Number.NaN, user = 0, systemMinutes = 0, system = 0] = parts.map(Number);
  return 60 * (userMinutes + systemMinutes) + user + system;
};

/** @throws where the search was cut short */
const finished = (report: string): string => {
  if (/max search depth too small|out of memory|search truncated/i.test(report))
    throw new Error(`pan did not finish:\n${report.slice(0, 2000)}`);
  return report;
};

/** Reads what pan and `times` printed. @throws where the search was cut short */
export const readPan = (printed: string): SpinFound => {
  const report = finished(printed);
  return {
    states: numberIn(report, /^ *(\S+) states, stored/m),
    /** The arrival in the initial state counts as one. */
    transitions: numberIn(report, /^ *(\S+) transitions/m) - 1,
    falls: [...report.matchAll(/^falls: (\S+)$/gm)].map(([, id]) => id as string).sort(),
    seconds: minutesAndSeconds(report),
  };
};

/**
 * Translates and compiles a model, and passes on what runs its search; each call is a search of its own.
 * @param states how many there will be: sizes the stack and the hash table.
 */
export const withSpin = <T>(model: string, states: number, use: (search: () => SpinFound) => T): T =>
  withWorkshop('model.pml', model, ({ run }) => {
    const slots = Math.min(28, Math.max(16, Math.ceil(Math.log2(states)) + 1));
    run('spin', ['-a', 'model.pml']);
    run('gcc', ['-O2', '-DSAFETY', '-DNOREDUCE', '-DMEMLIM=65536', '-o', 'pan', 'pan.c']);
    const search = `./pan -E -c0 -m${Math.max(10_000, states)} -w${slots} && times`;
    return use(() => readPan(run('sh', ['-c', search])));
  });

/** Whether Spin finds a fair loop without a settled state, so that LIVE-1 falls. @throws where its search was cut short */
export const readLive = (report: string): boolean =>
  /acceptance cycle/.test(report) || numberIn(finished(report), /errors: (\d+)/) > 0;

/** Searches a model for a run that breaks LIVE-1. */
export const fallsLive = (model: string): boolean =>
  withWorkshop('model.pml', model, ({ run }) => {
    run('spin', ['-DLIVE', '-a', 'model.pml']);
    run('gcc', ['-O2', '-DNOREDUCE', '-DMEMLIM=65536', '-o', 'pan', 'pan.c']);
    return readLive(run('./pan', ['-a', '-A', '-E', '-m1000000', '-w22']));
  });

export const runSpin = (model: string, states: number): SpinFound => withSpin(model, states, (search) => search());
