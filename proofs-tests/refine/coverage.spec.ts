/** Edges of the model that no step of the implementation is compared with, by machine: a new one has to be thought of. */
import { expect, test } from 'vitest';
import { godwit } from '../../model/migration/godwit.ts';
import { stock } from '../../model/migration/stock.ts';
import { CODED, PUBLISHED, tardis } from '../../model/migration/tardis.ts';
import { godwitWithout, tardisAsRead } from '../../model/protocols.ts';
import { BOUNDS, EDGES, edgesOf } from './coverage.ts';

const ours = new Set(EDGES);
const other = (parts: Parameters<typeof edgesOf>[0]): number => edgesOf(parts).filter((edge) => !ours.has(edge)).length;

test.each([
  ['godwit: the implementation speaks the published protocol only', edgesOf([godwit(BOUNDS, new Set())]).length, 46],
  ['the public code: where it has edges that the published text has not', other([tardis(BOUNDS, CODED)]), 6],
  [
    'a resume that costs retries: not how the implementation reads the text',
    other([tardis(BOUNDS, { ...PUBLISHED, resumeRepeats: 'charged' })]),
    1,
  ],
  ['an endpoint without the extension: the implementation has it', edgesOf([stock]).length, 2],
  [
    'coordinators: not of a QP; campaigns play them',
    edgesOf([tardisAsRead({}).coordinator, godwitWithout().coordinator]).length,
    43,
  ],
])('%s', (_, edges, known) => {
  expect(edges).toBeLessThanOrEqual(known);
});
