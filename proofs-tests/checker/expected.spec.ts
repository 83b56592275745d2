/** The scenarios of the repository: every verdict is the expected one, every count the recorded one. */
import { describe, expect, test } from 'vitest';
import { allScenarios } from '../scenario/load.ts';
import { PROTOCOL_NAMES, type ProtocolName } from '../scenario/schema.ts';
import { countsOf, recordedCounts, variantName } from './counts.ts';
import { type Checked, checkScenario } from './report.ts';

const quick = allScenarios().filter(({ deep }) => !deep);
const cases = quick.flatMap((scenario) => PROTOCOL_NAMES.map((name) => [name, scenario.name, scenario] as const));
const seen: Checked[] = [];

describe('every verdict is the expected one, and every count the recorded one', () => {
  const recorded = recordedCounts();

  test.each(cases)('%s: %s', (name, _, scenario) => {
    const checked = [...checkScenario(scenario, { name }, {})];
    seen.push(...checked);
    for (const one of checked)
      expect({ variant: variantName(one), complete: one.verdict.complete, falls: one.falls }).toEqual({
        variant: variantName(one),
        complete: true,
        falls: one.expected?.filter((id) => id !== 'LIVE-1' || !one.expected?.includes('REC-1')) ?? one.falls,
      });
    const names = checked.map(variantName);
    const found = countsOf(checked)[scenario.name] ?? {};
    const wanted = Object.entries(recorded[scenario.name] ?? {}).filter(([variant]) => names.includes(variant));
    expect(found).toEqual(Object.fromEntries(wanted));
  });
});

describe('the whole', () => {
  const falls = (name: ProtocolName) => seen.filter(({ choice, holds }) => choice.name === name && holds === false);

  test('the revised protocol holds in every scenario, completely explored', () => {
    expect(seen.filter(({ choice, holds }) => choice.name === 'godwit' && holds !== true)).toEqual([]);
  });

  test('the published protocol and its code have holes', () => {
    expect(falls('tardis').length).toBeGreaterThan(10);
    expect(falls('tardis-code').length).toBeGreaterThan(10);
  });

  test('nothing is recorded that no longer exists', () => {
    const names = new Set(quick.map(({ name }) => name));
    expect(Object.keys(recordedCounts()).filter((name) => !names.has(name))).toEqual([]);
  });
});
