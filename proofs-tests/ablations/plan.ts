import { INGREDIENTS, type Ingredient } from '../../model/migration/godwit.ts';

/** Ingredients that can stand in for each other: only without both does a property fall. */
export const PAIRS: readonly (readonly [Ingredient, Ingredient])[] = [
  ['tombstone forwards', 'record while waiting'],
  ['resume repeated while paused', 'record while waiting'],
];

/** What an ingredient saves whose absence alone breaks nothing. */
export const SAVES: { readonly [ingredient in Ingredient]?: string } = {
  'tombstone forwards':
    'a look at the record: peers that moved at the same time find each other by packets alone while the old hosts stand',
  'resume repeated while paused':
    'a look at the record: a QP that is PAUSED and resuming is heard by a peer that waits for it',
};

/** Everything that is left out, alone and in pairs. */
export const PLAN: readonly (readonly Ingredient[])[] = [...INGREDIENTS.map((each) => [each]), ...PAIRS];
