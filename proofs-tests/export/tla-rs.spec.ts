import { expect, test } from 'vitest';
import { SAFETY } from '../../model/properties.ts';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { exported } from './exported.ts';
import { tla } from './tla.ts';
import { runTla } from './tla-rs.ts';

const PROTOCOLS = { tardis: tardisAsRead({}), 'tardis-code': tardisCode, godwit: godwitWithout() };
type Name = keyof typeof PROTOCOLS;

const modelOf = (name: Name, scenario: string) => {
  const tables = exported(PROTOCOLS[name], scenarioNamed(scenario));
  return { tables, ...tla('a test', 'Small', tables) };
};

/** Every property watched, also those that fall. */
const watchingAll = (cfg: string): string =>
  cfg.replace(/Watched = \{.*\}/, `Watched = {${SAFETY.map((id) => `"${id}"`).join(', ')}}`);

test.each([
  ['godwit', 'the-old-host-goes-dark'],
  ['godwit', 'one-retry-is-all-there-is'],
  ['godwit', 'the-decision-is-known-before-it-takes-effect'],
  ['tardis', 'the-first-packet-meets-no-one'],
  ['tardis-code', 'resume-is-lost'],
] as const)('SAFE-1, SAFE-6: %s in %s has the states that a search of the TLA+ text finds', (name, scenario) => {
  const { tables, module, cfg } = modelOf(name, scenario);
  expect(runTla(module, cfg, 2 * tables.states)).toEqual({ states: tables.states, error: undefined });
});

test.each([
  ['tardis', 'the-first-packet-meets-no-one', 'SAFE-7', 'Invariant'],
  ['tardis-code', 'the-answer-to-resume-acknowledges-a-lost-packet', 'SAFE-1', 'Invariant'],
  ['tardis', 'messages-of-an-earlier-connection-arrive', 'SAFE-9', '{"SAFE-9"}'],
] as const)(
  '%s in %s: what falls here falls in the TLA+ text when it is watched',
  (name, scenario, property, error) => {
    const { tables, module, cfg } = modelOf(name, scenario);
    expect(tables.fallen).toContain(property);
    expect(runTla(module, watchingAll(cfg), 2 * tables.states).error).toContain(error);
  },
);

test('a step left out of the text shows in the number of states, and a name that is not defined is refused', () => {
  const { tables, module, cfg } = modelOf('tardis', 'the-first-packet-meets-no-one');
  const fewer = module.replace('Next == LocalOfA \\/ LocalOfB', 'Next == LocalOfB');
  expect(fewer).not.toBe(module);
  expect(runTla(fewer, cfg, tables.states).states).toBeLessThan(tables.states);
  expect(runTla(module.replace('Movable(i) ==', 'Moveable(i) =='), cfg, tables.states).error).toContain('Movable');
});
