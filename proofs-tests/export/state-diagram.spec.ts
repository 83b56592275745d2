import { expect, test } from 'vitest';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { partsOf } from '../checker/machines.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { stateDiagram } from './state-diagram.ts';

const { bounds, sides } = scenarioNamed('one-end-migrates');
const REGIONS = ['verbs', 'self', 'peer'];
const PROTOCOLS = { tardis: tardisAsRead({}), 'tardis-code': tardisCode, godwit: godwitWithout() };
const partsFor = (name: keyof typeof PROTOCOLS) => partsOf(PROTOCOLS[name], bounds, sides.A.work, true);

/** States that an arrow or a line names and no `state` declares. */
const undeclared = (diagram: string): readonly string[] => {
  const declared = new Set([...diagram.matchAll(/^ {2}state ".*" as (\w+)$/gm)].map(([, id]) => id));
  const named = [...diagram.matchAll(/^ {2}(\w+|\[\*\])(?: --> (\w+))?(?: : .*)?$/gm)].flatMap(([, from, to]) => [
    from,
    to,
  ]);
  return [...new Set(named.flatMap((id) => (id === undefined || id === '[*]' || declared.has(id) ? [] : [id])))];
};

test.each(['tardis', 'tardis-code', 'godwit'] as const)(
  'every edge of %s is drawn once, between declared states',
  (name) => {
    const diagram = stateDiagram(name, partsFor(name), REGIONS);
    const edges = partsFor(name)
      .flatMap(({ regions }) => Object.entries(regions))
      .flatMap(([region, { states }]) => (REGIONS.includes(region) ? Object.values(states) : []))
      .flatMap((on) => Object.values(on).flat());
    const lines = diagram.match(/ : .*\((?:[A-Z]+-\d+[, ]*)+\)$/gm) ?? [];
    expect(lines.length).toBe(edges.length);
    expect(undeclared(diagram)).toEqual([]);
    expect(diagram.split('{').length).toBe(diagram.split('}').length);
    expect(diagram).toContain('verbs_RTS --> verbs_SQD : modify.sqd');
    expect(diagram).toContain('[*] --> self_RUNNING');
  },
);

test('an arrow to a state that is not drawn is noticed', () => {
  const [verbs, ...others] = partsFor('tardis').flatMap(({ regions, ...part }) =>
    Object.entries(regions).map(([name, region]) => ({ ...part, regions: { [name]: region } })),
  );
  expect(undeclared(stateDiagram('x', verbs ? [verbs, ...others] : [], REGIONS))).toEqual([]);
  const lost = stateDiagram('x', partsFor('tardis'), REGIONS).replace('state "SQD" as verbs_SQD', 'state "SQD" as SQD');
  expect(undeclared(lost)).toEqual(['verbs_SQD']);
});
