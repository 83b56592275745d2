/** Runs as files: what a campaign writes, and what `godwit replay` takes through the implementation again. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNetwork } from '../../impl/wire/network.ts';
import type { FrameToWrite } from '../capture/capture.ts';
import { BadInput } from '../terminal/bad-input.ts';
import type { Finding } from './campaign.ts';
import { type Judgement, judge } from './judge.ts';
import { type Run, runSchema } from './run.ts';

/** Whether a parsed file is a run, and not a scenario of the model. */
export const isRun = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'run';

/** @param file names the source in errors. @throws BadInput */
export const parseRun = (file: string, data: unknown): Run => {
  const read = runSchema.safeParse(data);
  if (read.success) return read.data;
  const places = read.error.issues.map(({ path, message }) => `$.${path.join('.')}: ${message}`);
  throw new BadInput(file, places.join('\n  '));
};

/** The JSON of a file; undefined where it is none: whoever reads the file for good says what is wrong with it. */
export const readJson = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/** A run judged with every step compared with the model, and its packets, lost ones too, in the order of sending. */
export const replayRun = (run: Run): { readonly judgement: Judgement; readonly frames: readonly FrameToWrite[] } => {
  const frames: FrameToWrite[] = [];
  const judgement = judge(run, {
    refine: true,
    sent: (now, { bytes, path }) =>
      frames.push({
        timestampNs: BigInt(now),
        bytes: encodeNetwork({ path, trafficClass: 0, flowLabel: 0, hopLimit: 64, udpChecksum: 0 }, bytes),
      }),
  });
  return { judgement, frames };
};

export const runWords = (
  { says, violates }: Run,
  { packets, lost, retransmitted, migrations, compared, violations, known }: Judgement,
): string => {
  const shown = [
    ...violations.map(({ property, says: how }) => `${property} is violated: ${how}`),
    ...known.map(
      ({ property, scenario, says: how }) =>
        `${property} is violated, as the published protocol violates it in the model (scenario ${scenario}): ${how}`,
    ),
  ];
  const gone =
    violates === undefined || [...violations, ...known].some(({ property }) => property === violates)
      ? []
      : [`The file records a violation of ${violates}: this run does not show it any more.`];
  return [
    ...(says === undefined ? [] : [`Recorded: ${says}`]),
    `${packets} packets, ${lost} lost, ${retransmitted} sent again, ${migrations} migrations; ${compared} steps compared with the model.`,
    ...(shown.length > 0 ? shown : ['No property is violated.']),
    ...gone,
  ].join('\n');
};

/** Writes a finding into a folder; the path of the file. */
export const writeFinding = (folder: string, { run, seed, property, says }: Finding): string => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${property.toLowerCase()}-seed-${seed}.json`);
  const file: Run = { ...run, says, violates: property, seed };
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
  return path;
};
