import { expect, test } from 'vitest';
import { runSteps, type Step, type Watcher } from './step.ts';

const step = (name: string, run: Step['run']): Step => ({ name, expectation: 'holds', run });
const silent: Watcher = { begin: () => ({ update: () => {}, stop: () => {} }), end: () => {} };

test('every step runs, also behind one that fails or throws', async () => {
  const verdicts = await runSteps(
    [
      step('bad', async () => ({ held: false, found: '1 hole' })),
      step('broken', async () => {
        throw new Error('no such file');
      }),
      step('good', async () => ({ held: true, found: '7 states' })),
    ],
    silent,
  );
  expect(verdicts.map(({ name, held, found }) => [name, held, found])).toEqual([
    ['bad', false, '1 hole'],
    ['broken', false, 'no such file'],
    ['good', true, '7 states'],
  ]);
});

test('the watcher sees each step begin, and end with what it shows', async () => {
  const seen: string[] = [];
  await runSteps([step('hole', async () => ({ held: true, found: 'H4', show: 'A -> B' }))], {
    begin: ({ name }, number, of) => {
      seen.push(`${number}/${of} ${name}`);
      return { update: () => {}, stop: () => seen.push('stopped') };
    },
    end: ({ held }, { show }) => seen.push(`${held} ${show}`),
  });
  expect(seen).toEqual(['1/1 hole', 'stopped', 'true A -> B']);
});
