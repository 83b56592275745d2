/** The QP machine of a protocol as a Mermaid state diagram: its regions side by side, as its tables have them. */
import { match, P } from 'ts-pattern';
import type { QpPart } from '../../model/context.ts';
import type { Edge, Region } from '../../model/part.ts';

const wordsOf = (event: string, { when = [], do: actions = [], rule }: Edge): string => {
  const guards = when.length === 0 ? '' : ` [${when.join(', ')}]`;
  const sends = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${event}${guards}${sends} (${rule})`;
};

const edgesOf = ({ states }: Region) =>
  Object.entries(states).flatMap(([state, on]) =>
    Object.entries(on).flatMap(([event, edges]) => edges.map((edge) => ({ state, event, edge }))),
  );

/** States of all regions share one space of names. */
const regionText = (name: string, region: Region): string => {
  const id = (state: string) => `${name}_${state}`;
  return [
    `  %% region ${name}`,
    ...Object.keys(region.states).map((state) => `  state "${state}" as ${id(state)}`),
    `  [*] --> ${id(region.initial)}`,
    ...edgesOf(region).map(({ state, event, edge }) =>
      match(edge)
        .with({ target: P.string }, ({ target }) => `  ${id(state)} --> ${id(target)} : ${wordsOf(event, edge)}`)
        .otherwise(() => `  ${id(state)} : ${wordsOf(event, edge)}`),
    ),
  ].join('\n');
};

/** @param shown regions in the order in which they are drawn; those the machine lacks are left out. */
export const stateDiagram = (title: string, parts: readonly QpPart[], shown: readonly string[]): string => {
  const regions = parts.flatMap(({ regions: own }) => Object.entries(own));
  const drawn = shown.flatMap((name) => regions.filter(([region]) => region === name));
  return `---
title: ${title}
---
stateDiagram-v2
state "queue pair" as qp {
${drawn.map(([name, region]) => regionText(name, region)).join('\n  --\n')}
}
`;
};
