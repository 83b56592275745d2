import type { Place } from './places.ts';
import type { Chapter } from './sequence.ts';
import type { Arrow, Beat } from './story.ts';

/** Mermaid ends a statement at a semicolon and reads a hash as an entity. */
const safe = (text: string): string => text.replaceAll(';', ',').replaceAll('#', 'no. ').replaceAll('"', "'");

const arrowOf = (names: readonly string[], { from, to, words, kind, tag, fate }: Arrow): string => {
  const [sender, receiver] = [names[from] ?? '', names[to] ?? ''];
  const text = [tag === undefined ? '' : `(${tag}) `, words[0] ?? '', fate === undefined ? '' : `, ${fate}`].join('');
  if (kind === 'leaves') return `Note over ${sender}: sends ${safe(text)} to ${receiver}`;
  return `${sender}${kind === 'lost' ? '-x' : '->>'}${receiver}: ${safe(text)}`;
};

const statements = (names: readonly string[], { arrow, notes, departures }: Beat): readonly string[] => [
  ...(arrow ? [arrowOf(names, arrow)] : []),
  ...notes.map(({ at, text }) => `Note over ${names[at] ?? ''}: ${safe(text)}`),
  ...departures.map((departure) => arrowOf(names, departure)),
];

/** The same sequence as a Mermaid diagram. */
export const mermaid = (
  places: readonly Place[],
  initial: readonly (readonly string[])[],
  chapters: readonly Chapter[],
): string => {
  const names = places.map(({ name }) => name);
  const across = [names[0], ...(names.length > 1 ? [names.at(-1)] : [])].join(',');
  const lines = [
    ...places.map(({ name, host }) => `participant ${name} as ${name}, host ${host}`),
    ...initial.flatMap((lines, at) => (lines.length > 0 ? [`Note over ${names[at]}: ${safe(lines.join(', '))}`] : [])),
    ...chapters.flatMap(({ heading, beats }) => [
      ...(heading === '' ? [] : [`Note over ${across}: ${safe(heading)}`]),
      ...beats.flatMap((beat) => statements(names, beat)),
    ]),
  ];
  return ['sequenceDiagram', ...lines.map((line) => `  ${line}`)].join('\n');
};
