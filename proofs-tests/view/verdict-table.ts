import type { Checked } from '../checker/report.ts';
import { renderTable } from '../terminal/table.ts';

const ENDED = { complete: '', states: 'stopped at its bound', memory: 'stopped for want of memory' } as const;

const steps = ({ verdict }: Checked, id: string): number | undefined =>
  verdict.properties.find((property) => property.id === id)?.counterexample?.steps.length;

const verdictWords = (checked: Checked): string => {
  const { falls, holds, verdict } = checked;
  const fallen = falls.map((id) => `${id} ${steps(checked, id)}`);
  const also = verdict.properties.flatMap(({ id, why }) =>
    why === 'falls without migration too' ? [`${id} falls without migration too`] : [],
  );
  const ended = ENDED[verdict.ended];
  const said = [...(holds === true ? ['holds'] : []), ...fallen, ...also, ...(ended === '' ? [] : [ended])];
  return said.join(', ');
};

const expectationWords = ({ asExpected, expected }: Checked): string => {
  if (asExpected === undefined) return '';
  if (asExpected) return 'as expected';
  return `EXPECTED ${expected === undefined || expected.length === 0 ? 'to hold' : expected.join(', ')}`;
};

export const readingWords = ({ choice }: Checked): string =>
  Object.entries(choice.reading ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');

/** Every scenario with its size and what was found; steps are those of the shortest counterexample. */
export const verdictTable = (checked: readonly Checked[]): string =>
  renderTable(
    ['scenario', 'states', 'depth', 'violated, in steps', ''],
    checked.map((one) => {
      const reading = readingWords(one);
      const name = `${one.scenario.name}${one.scenario.hole === undefined ? '' : ` (${one.scenario.hole})`}`;
      return [
        reading === '' ? name : `${name} [${reading}]`,
        one.verdict.states,
        one.verdict.depth,
        verdictWords(one),
        expectationWords(one),
      ];
    }),
  );
