import type { Citation } from './citations.ts';
import type { Finding } from './finding.ts';
import type { Evidence, Rule } from './rules.ts';

/** Which rules the model's transitions carry as `meta`, and which of them fired in exploration over all scenarios. */
export type Exploration = { readonly declared: ReadonlySet<string>; readonly fired: ReadonlySet<string> };

const duplicates = (rules: readonly Rule[]): Finding[] => {
  const first = new Map<string, Rule>();
  return rules.flatMap((rule): Finding[] => {
    const before = first.get(rule.id);
    first.set(rule.id, before ?? rule);
    return before === undefined
      ? []
      : [{ kind: 'duplicate id', rule: rule.id, place: rule.place, message: `also at ${before.place}` }];
  });
};

const unfounded = (known: ReadonlyMap<string, Rule>, citations: readonly Citation[]): Finding[] =>
  citations.flatMap(({ rule, file, line }): Finding[] => {
    const cited = known.get(rule);
    const where = { rule, place: `${file}:${line}` };
    if (cited === undefined)
      return [{ kind: 'citation of an unknown rule', ...where, message: 'no such rule in spec/' }];
    return cited.state === 'retired' ? [{ kind: 'citation of a retired rule', ...where, message: cited.text }] : [];
  });

const missing = (rule: Rule, due: Evidence, citations: readonly Citation[]): Finding[] => {
  const own = citations.filter(({ rule: id, kind }) => id === rule.id && kind === due);
  const where = { rule: rule.id, place: rule.place };
  if (own.length === 0) return [{ kind: 'no evidence', ...where, message: `nothing in ${due} cites it` }];
  if (own.every(({ skipped }) => skipped))
    return [
      { kind: 'only skipped tests', ...where, message: own.map(({ file, line }) => `${file}:${line}`).join(', ') },
    ];
  return [];
};

/** Rules on transitions that no explored scenario took. */
export const idle = (rules: readonly Rule[], { declared, fired }: Exploration): readonly Finding[] =>
  [...declared]
    .filter((id) => !fired.has(id))
    .map((id) => ({
      kind: 'never fired',
      rule: id,
      place: rules.find((rule) => rule.id === id)?.place ?? 'model',
      message: 'no explored scenario takes the transition that carries it',
    }));

/** A deviation is carried by rules, or says `none` where a decision alone carries it. */
const uncarried = (known: ReadonlyMap<string, Rule>, rules: readonly Rule[]): Finding[] =>
  rules.flatMap(({ id, place, carriedBy }) =>
    carriedBy
      .filter((rule) => rule !== 'none' && known.get(rule)?.state !== 'alive')
      .map((rule) => ({ kind: 'deviation without a rule', rule: id, place, message: `${rule} is no rule in force` })),
  );

/** Everything missing or wrong between rules and what cites them. Pure: the whole tree is in the arguments. */
export const gaps = (rules: readonly Rule[], citations: readonly Citation[]): readonly Finding[] => {
  if (rules.length === 0) return [{ kind: 'no rules', place: 'spec', message: 'not one rule was found' }];
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  return [
    ...duplicates(rules),
    ...unfounded(known, citations),
    ...rules.flatMap((rule) => rule.evidence.flatMap((due) => missing(rule, due, citations))),
    ...uncarried(known, rules),
  ];
};
