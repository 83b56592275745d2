/** ITF as Apalache's ADR-015 describes it: what any reader of the format may count on. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { check } from '../checker/check.ts';
import type { ProtocolChoice } from '../checker/named-protocol.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { type Tale, taleOf } from './counterexample.ts';
import { itf } from './itf.ts';

const pair = () => z.tuple([expression, expression]);
/** Plain JSON integers are allowed and never written here: `#bigint` is what every reader takes. */
const expression: z.ZodType = z.lazy(() =>
  z.union([
    z.string(),
    z.boolean(),
    z.array(expression),
    z.strictObject({ '#bigint': z.string().regex(/^-?\d+$/) }),
    z.strictObject({ '#tup': z.array(expression) }),
    z.strictObject({ '#set': z.array(expression) }),
    z.strictObject({ '#map': z.array(pair()) }),
    z.record(z.string().regex(/^[^#]/), expression),
  ]),
);

const meta = z.looseObject({});
const traceSchema = z
  .strictObject({
    '#meta': meta.optional(),
    params: z.array(z.string()).optional(),
    vars: z.array(z.string()).min(1),
    states: z.array(z.looseObject({ '#meta': meta.optional() })).min(1),
    loop: z.int().min(0).optional(),
  })
  .superRefine(({ vars, states, loop }, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', message });
    if (new Set(vars).size < vars.length) wrong('a variable is named twice');
    if (loop !== undefined && loop >= states.length) wrong('the loop begins behind the last state');
    for (const { '#meta': _, ...variables } of states) {
      if (Object.keys(variables).sort().join() !== vars.toSorted().join()) wrong('a state has other variables');
      for (const value of Object.values(variables))
        if (!expression.safeParse(value).success) wrong(`no expression: ${JSON.stringify(value)}`);
    }
  });

const traceOf = ({ system, run, scenario, roundAt }: Tale) =>
  itf(system, run, scenario.says, roundAt < run.length ? roundAt : undefined);

/** As a reader gets it: through JSON. */
const read = (trace: unknown): unknown => JSON.parse(JSON.stringify(trace));

const talesOf = (choice: ProtocolChoice, name: string): readonly Tale[] => {
  const scenario = scenarioNamed(name);
  return check(choice, scenario).properties.flatMap(({ id, counterexample }) =>
    counterexample ? [taleOf(scenario, choice, id, counterexample)] : [],
  );
};

describe('every counterexample is a trace of ADR-015', () => {
  test.each([
    ['tardis', 'both-ends-migrate-at-once'],
    ['tardis', 'control-messages-are-forged'],
    ['tardis', 'the-peer-is-moved-to-err'],
    ['tardis-code', 'psns-wrap'],
    ['tardis-code', 'the-application-goes-on-before-its-resumes-are-answered'],
  ] as const)('%s in %s', (name, scenario) => {
    const tales = talesOf({ name }, scenario);
    expect(tales.length).toBeGreaterThan(0);
    for (const tale of tales) expect(traceSchema.safeParse(read(traceOf(tale))).error).toBeUndefined();
  });

  const lasso = talesOf({ name: 'tardis' }, 'the-peer-is-moved-to-err').find(
    ({ roundAt, run }) => roundAt < run.length,
  );
  const trace = lasso && traceOf(lasso);

  test('a lasso ends in the state in which its loop begins', () => {
    const variables = (at: number) => {
      const { A, B, network } = trace?.states.at(at) ?? {};
      return { A, B, network };
    };
    expect(trace?.loop).toBeGreaterThan(0);
    expect(variables(-1)).toEqual(variables(trace?.loop ?? 0));
  });

  test.each([
    ['a number', { A: 3 }],
    ['null', { A: null }],
    ['a field that begins with #', { A: { '#x': 'y' } }],
    ['a #bigint that is a number', { A: { '#bigint': 3 } }],
  ])('%s is no expression', (_, change) => {
    const states = trace?.states.map((state) => ({ ...state, ...change }));
    expect(traceSchema.safeParse(read({ ...trace, states })).success).toBe(false);
  });

  test('a state that lacks a variable, and a loop that begins nowhere, are no trace', () => {
    expect(traceSchema.safeParse(read({ ...trace, vars: [...(trace?.vars ?? []), 'x'] })).success).toBe(false);
    expect(traceSchema.safeParse(read({ ...trace, loop: 10_000 })).success).toBe(false);
  });
});
