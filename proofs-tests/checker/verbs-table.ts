import type { QpType } from '../../model/context.ts';
import type { Protocol } from '../../model/protocol.ts';
import { VERBS_STATES, type VerbsState } from '../../model/verbs.ts';
import { cell, specTable } from '../trace/tables.ts';
import { ABILITIES, type Ability, modifyMatrix, QP_TYPES, soloOf } from './verbs-matrix.ts';

const CHAPTER = 'spec/20-qp.md';

/** Pairs of states that chapter 20 lets a modify take, as `FROM TO`; the same for every QP type. */
export const listedPairs = (): ReadonlySet<string> => {
  const table = specTable(CHAPTER, 'qp-transitions');
  return new Set(table.rows.map((row) => `${cell(table, row, 'from')} ${cell(table, row, 'to')}`));
};

/** What chapter 20 lets a state do. */
export const listedAbilities = (): ReadonlyMap<VerbsState, ReadonlySet<Ability>> => {
  const table = specTable(CHAPTER, 'qp-abilities');
  return new Map(
    VERBS_STATES.map((state) => {
      const row = table.rows.find((candidate) => cell(table, candidate, 'state') === state);
      const names = Object.keys(ABILITIES) as Ability[];
      return [state, new Set(names.filter((name) => row && cell(table, row, name) === 'yes'))];
    }),
  );
};

/** Where the model and the tables of chapter 20 differ, for one QP type; empty where they agree. */
export const differences = (protocol: Protocol, qpType: QpType): readonly string[] => {
  const solo = soloOf(protocol, qpType);
  const pairs = listedPairs();
  const modify = (['REACHABLE', 'PAUSED'] as const).flatMap((peer) =>
    modifyMatrix(solo, { peer }).flatMap(({ from, to, accepted, reached }) => {
      const listed = pairs.has(`${from} ${to}`);
      if (accepted !== listed) return [`${from} to ${to} is ${accepted ? 'accepted' : 'refused'}`];
      return reached === (listed ? to : from) ? [] : [`${from} to ${to} ends in ${reached}`];
    }),
  );
  const stopped = modifyMatrix(solo, { self: 'STOPPED' })
    .filter(({ accepted }) => accepted)
    .map(({ from, to }) => `${from} to ${to} is accepted while STOPPED`);
  return [...modify, ...stopped, ...(qpType === 'RC' ? abilityDifferences(solo) : [])];
};

const abilityDifferences = (solo: ReturnType<typeof soloOf>): readonly string[] =>
  [...listedAbilities()].flatMap(([state, listed]) =>
    (Object.keys(ABILITIES) as Ability[]).flatMap((ability) => {
      const does = ABILITIES[ability](solo, state);
      return does === listed.has(ability) ? [] : [`${state} ${does ? 'can' : 'cannot'} ${ability}`];
    }),
  );

/** Whether a protocol's QP machine is chapter 20's in every cell. */
export const differencesOfAllTypes = (protocol: Protocol): readonly string[] =>
  QP_TYPES.flatMap((qpType) => differences(protocol, qpType).map((text) => `${qpType}: ${text}`));
