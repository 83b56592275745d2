/** The message sequences in spec/review.md: each stands behind a mark that says which search draws it. */
import { z } from 'zod';
import { INGREDIENTS, type Ingredient } from '../../model/migration/godwit.ts';
import type { TardisReading } from '../../model/migration/tardis.ts';
import { protocolNamed } from '../checker/named-protocol.ts';
import { checkScenario } from '../checker/report.ts';
import { scenarioNamed } from '../scenario/load.ts';
import { readingSchema } from '../scenario/reading-schema.ts';
import { renderTale, taleOf } from '../view/counterexample.ts';

/**
 * `<!-- figure: PROTOCOL SCENARIO PROPERTY {READING} -->`, the reading only where it is not the default one; for the revised
 * protocol `{"without": [INGREDIENTS]}` in its place.
 */
const MARK = /^<!-- figure: (?<protocol>\S+) (?<scenario>\S+) (?<property>\S+?)(?: (?<variant>\{.*\}))? -->$/;
const FIGURE = /(?<mark>^<!-- figure: .* -->)\n(?:```text\n(?<drawn>[\s\S]*?)\n```)?/gm;

type Wanted = {
  readonly protocol: string;
  readonly scenario: string;
  readonly property: string;
  readonly reading: Partial<TardisReading>;
  readonly without: readonly Ingredient[];
};

const variantSchema = z.union([
  z.strictObject({ without: z.array(z.enum(INGREDIENTS)).readonly() }),
  z.strictObject({ reading: readingSchema }),
]);

const wantedBy = (mark: string): Wanted => {
  const groups = MARK.exec(mark)?.groups;
  if (!groups) throw new Error(`not a figure: ${mark}`);
  const { protocol = '', scenario = '', property = '', variant = '{}' } = groups;
  const given: unknown = JSON.parse(variant);
  const read = variantSchema.parse(protocol === 'godwit' ? { without: [], ...Object(given) } : { reading: given });
  return { protocol, scenario, property, reading: {}, without: [], ...read };
};

/** The sequence that a search finds. @throws Error when the property does not fall there. */
export const draw = (mark: string): string => {
  const { protocol, scenario, property, reading, without } = wantedBy(mark);
  const choice = { name: protocolNamed('figure', protocol), reading, without };
  for (const checked of checkScenario(scenarioNamed(scenario), choice, {})) {
    if (JSON.stringify(checked.choice.reading ?? {}) !== JSON.stringify(reading)) continue;
    const fallen = checked.verdict.properties.find(({ id }) => id === property);
    if (!fallen?.counterexample) break;
    return renderTale(taleOf(checked.scenario, checked.choice, fallen.id, fallen.counterexample)).trimEnd();
  }
  throw new Error(`${property} does not fall in ${scenario} under ${protocol}`);
};

/** Every mark of a page with what is drawn behind it. */
export const figuresOf = (page: string): readonly { readonly mark: string; readonly drawn: string | undefined }[] =>
  [...page.matchAll(FIGURE)].map(({ groups }) => ({ mark: groups?.mark ?? '', drawn: groups?.drawn }));

/** The page with every figure drawn anew. */
export const redrawn = (page: string): string =>
  page.replace(FIGURE, (_all, mark: string) => `${mark}\n\`\`\`text\n${draw(mark)}\n\`\`\``);
