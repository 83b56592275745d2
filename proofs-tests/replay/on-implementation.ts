/** A run of the model on the implementation, step by step: what both agree on, where they part, and the real packets. */
import { NEVER } from '../../impl/index.ts';
import { encodeNetwork } from '../../impl/wire/network.ts';
import { PUBLISHED, type TardisReading } from '../../model/migration/tardis.ts';
import type { Side } from '../../model/packet.ts';
import type { Copy } from '../../model/protocol.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { State, System } from '../../model/system.ts';
import type { FrameToWrite } from '../capture/capture.ts';
import { writePcapng } from '../capture/pcapng.ts';
import type { Happening } from '../checker/run.ts';
import { alpha, comparable } from '../refine/alpha.ts';
import { envelopeOf, take } from './deeds.ts';
import { Stand } from './stand.ts';

/** Where model and implementation part, after step `step`, counted from 1. */
export type Difference = { readonly step: number; readonly says: string };

export type OnImplementation = {
  /** Steps that the implementation took. */
  readonly taken: number;
  readonly steps: number;
  /** The step that it cannot take, and why; the rest was not tried. */
  readonly refused: Difference | undefined;
  readonly differences: readonly Difference[];
  /** Every packet, lost ones too, in the order in which they were sent. */
  readonly frames: readonly FrameToWrite[];
};

/** What the implementation does where the published text is silent: its reading of chapter 50, part A. */
export const READS: TardisReading = PUBLISHED;

/** What a run supposes and the implementation does not do: another reading of the text, sources unchecked, a stock endpoint. */
export const supposedOtherwise = (
  reading: Partial<TardisReading>,
  { sides, bounds }: Pick<Scenario, 'sides' | 'bounds'>,
): readonly string[] => [
  ...Object.entries(reading)
    .filter(([name, value]) => Object.entries(READS).some(([ours, own]) => ours === name && own !== value))
    .map(([name, value]) => `${name}: ${value}`),
  ...(bounds.sourceCheck ? [] : ['sources are not checked']),
  ...(['A', 'B'] as const).filter((side) => !sides[side].capable).map((side) => `${side} lacks the extension`),
];

/** What is compared: budgets without end are the model's alone, and so are responder resources it need not keep apart. */
const compared = (scenario: Scenario, copy: Copy): Map<string, string> => {
  const { retryCnt, rnrRetry } = scenario.bounds;
  const skipped = [
    ...(retryCnt === null ? ['retries'] : []),
    ...(rnrRetry === null ? ['rnrRetries'] : []),
    'resources',
    'qpType',
    'ackLost',
    'ghost',
  ];
  const fields = Object.entries(comparable(copy)).filter(([name]) => !skipped.includes(name));
  return new Map(fields.map(([name, value]) => [name, JSON.stringify(value)]));
};

const differencesAt = (stand: Stand, system: System, state: State, side: Side): readonly string[] => {
  const { host, qp } = stand.sides[side];
  const local = state.sides[side].copies[host];
  const { engine } = qp;
  if (!local || engine.type !== 'RC' || stand.world.nic(host).qp(qp.qpNum) !== engine) return [];
  const model = system.side[side].machines.copy(local);
  if (model.value.self === 'GONE') return [];
  const ours = compared(stand.scenario, alpha(stand.frame(side), engine, host));
  const theirs = compared(stand.scenario, model);
  return [...theirs]
    .filter(([name, value]) => ours.get(name) !== value)
    .map(([name, value]) => `${side} at host ${host}: ${name} ${ours.get(name)}, the model ${value}`);
};

/** Packets on their way in one and not in the other. */
const trafficDifferences = (stand: Stand, state: State): readonly string[] => {
  const keys = (list: readonly (object | undefined)[]) => list.map((each) => JSON.stringify(each)).sort();
  const kinds = (list: readonly ({ packet: { type: string; psn: number }; to: number } | undefined)[]) =>
    keys(list.map((each) => each && { type: each.packet.type, psn: each.packet.psn, to: each.to }));
  const ours = kinds(stand.world.medium.list().map((packet) => envelopeOf(stand, packet)));
  const theirs = kinds(state.network.packets);
  return ours.join() === theirs.join()
    ? []
    : [`on the way: ${ours.join(' ') || 'nothing'}; in the model ${theirs.join(' ') || 'nothing'}`];
};

/** Takes the steps of a run through the implementation until it cannot follow. */
export const onImplementation = (system: System, scenario: Scenario, run: readonly Happening[]): OnImplementation => {
  const stand = new Stand(scenario);
  const differences: Difference[] = [];
  const known = new Set<string>();
  let refused: Difference | undefined;
  let taken = 0;
  for (const { action, after } of run) {
    const why = take(stand, action);
    if (why !== undefined) {
      refused = { step: taken + 1, says: why };
      break;
    }
    taken += 1;
    const found = [
      ...differencesAt(stand, system, after, 'A'),
      ...differencesAt(stand, system, after, 'B'),
      ...trafficDifferences(stand, after),
    ];
    for (const says of found) if (!known.has(says) && known.add(says)) differences.push({ step: taken, says });
  }
  return { taken, steps: run.length, refused, differences, frames: framesOf(stand) };
};

const framesOf = ({ sent }: Stand): readonly FrameToWrite[] =>
  sent.map(({ at, packet: { bytes, path } }) => ({
    timestampNs: BigInt(at === NEVER ? 0 : at),
    bytes: encodeNetwork({ path, trafficClass: 0, flowLabel: 0, hopLimit: 64, udpChecksum: 0 }, bytes),
  }));

/** The real packets of a run as a file for Wireshark. */
export const pcapngOf = ({ frames }: OnImplementation): Uint8Array => writePcapng(frames);
