/** What a campaign did, in words. */
import type { Tally } from './campaign.ts';
import type { FuzzReport } from './fuzz.ts';

const amount = (value: number): string => value.toLocaleString('en-US');

const plural = (number: number, what: string): string => `${amount(number)} ${what}${number === 1 ? '' : 's'}`;

/** The figures of a campaign, as progress shows them and a report begins. */
export const figures = ({ runs, migrations, packets, lost, retransmitted }: Tally): string =>
  `${amount(runs)} runs, ${amount(migrations)} migrations, ${amount(packets)} packets, ${amount(lost)} lost, ` +
  `${amount(retransmitted)} sent again`;

const MODIFY = /^modify (?:of UC or UD )?to (\w+)(?: in \w+)?( refused)?$/;

/** Groups of what happened, by how its names begin. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  ['work', /^(SEND|WRITE|READ|ATOMIC|message)/],
  ['network', /^(packet|sequence NAK|RNR|implied NAK|ACK timeout)/],
  ['migration', /^(migration|NAK_STOPPED|RESUME|restore|old host|stranger)/],
  ['consumer', /^(modify|post|connected)/],
  ['forged', /^forged/],
  ['failed', /^completed with/],
];

/** Of modifies only where to, and how many were refused. */
const named = (what: string): string => {
  const [, to, refused] = MODIFY.exec(what) ?? [];
  return to === undefined ? what.replace(/^(forged|completed with) /, '') : `to ${to}${refused ?? ''}`;
};

const sums = (entries: readonly (readonly [string, number])[]): ReadonlyMap<string, number> => {
  const all = new Map<string, number>();
  for (const [what, times] of entries) all.set(named(what), (all.get(named(what)) ?? 0) + times);
  return all;
};

const WIDTH = 110;

/** Words in lines of at most WIDTH, the ones behind the first indented. */
const lines = (head: string, words: readonly string[]): readonly string[] => {
  const done: string[] = [];
  let line = head;
  for (const [k, word] of words.entries()) {
    const next = `${line}${line === head ? '' : ' '}${word}${k + 1 < words.length ? ',' : ''}`;
    if (next.length <= WIDTH || line === head) line = next;
    else {
      done.push(line);
      line = `${' '.repeat(head.length)}${word}${k + 1 < words.length ? ',' : ''}`;
    }
  }
  return [...done, line];
};

const happenedLines = (happened: Readonly<Record<string, number>>): readonly string[] => {
  const entries = Object.entries(happened);
  return GROUPS.flatMap(([group, pattern]) => {
    const all = sums(entries.filter(([what]) => pattern.test(what)));
    const words = [...all].map(([what, times]) => `${amount(times)} ${what}`);
    return words.length === 0 ? [] : lines(`${group.padEnd(10)} `, words);
  });
};

const knownLines = (known: Readonly<Record<string, number>>): readonly string[] => {
  const entries = Object.entries(known);
  if (entries.length === 0) return [];
  const words = entries.map(([what, times]) => `${amount(times)} ${what}`);
  return [
    '',
    'Where the published protocol falls in the model, by scenario, it fell here too (not a violation of the implementation):',
    ...lines('  ', words),
  ];
};

/** @param files where each violation was written, if it was. */
export const reportWords = (report: FuzzReport, files: readonly string[]): string => {
  const { coverage, violations, seconds, refined, steps, seed, workers, happened, known } = report;
  const { edges, states } = coverage;
  return [
    figures(report),
    `${seconds.toFixed(1)} s with ${plural(workers, 'worker')}, ${amount(Math.round(report.migrations / seconds))} migrations/s, seed ${seed}`,
    `compared with the model step by step: ${plural(refined, 'run')}, ${amount(steps)} steps; ` +
      `${edges.hit} of ${edges.total} edges and ${states.hit} of ${states.total} states of the model used`,
    ...(edges.missed.length === 0 ? [] : lines('not used: ', edges.missed)),
    '',
    ...happenedLines(happened),
    ...knownLines(known),
    ...violations.flatMap(({ property, says, seed: from }, k) => [
      '',
      `${property} is violated (seed ${from}): ${says}`,
      ...(files[k] === undefined ? [] : [`written to ${files[k]}`]),
    ]),
    '',
    violations.length === 0 ? 'No violation was found.' : `${plural(violations.length, 'violation')} found.`,
  ].join('\n');
};
