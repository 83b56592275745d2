/** The flag that reads the published text of tardis in one of several ways. */
import { InvalidArgumentError } from 'commander';
import type { TardisReading } from '../../model/migration/tardis.ts';
import { readingSchema } from '../scenario/reading-schema.ts';

const { shape } = readingSchema.unwrap();

/** Values that a reading may have, as they are written. */
const VALUES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(shape).map(([name, schema]) => {
    const { innerType } = schema.def;
    return [name, 'options' in innerType ? innerType.options.map(String) : ['true', 'false']];
  }),
);

export const READING_NAMES = [...VALUES.keys()].join(', ');

/** `name=value`, added to those before. */
export const reading = (text: string, before: Partial<TardisReading> = {}): Partial<TardisReading> => {
  const at = text.indexOf('=');
  const [name, value] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const values = VALUES.get(name);
  if (values === undefined)
    throw new InvalidArgumentError(`'${name}' is no reading; one of: ${READING_NAMES}, each as name=value.`);
  if (!values.includes(value))
    throw new InvalidArgumentError(`'${value}' is no ${name}; one of: ${values.join(', ')}.`);
  const known = value === 'true' || value === 'false' ? value === 'true' : value;
  return readingSchema.parse({ ...before, [name]: known });
};
