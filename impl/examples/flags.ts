// Owns the command lines of the examples: flags with ranges, a usage text, exit code 2 for a mistake.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export type Flag =
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly min: number;
      readonly max: number;
      readonly help: string;
    }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[]; readonly help: string }
  | { readonly kind: 'text'; readonly help: string; readonly value: string }
  | { readonly kind: 'switch'; readonly help: string };

type ValueOf<F extends Flag> = F['kind'] extends 'number' ? number : F['kind'] extends 'switch' ? boolean : string;
export type Values<F extends Readonly<Record<string, Flag>>> = { readonly [K in keyof F]: ValueOf<F[K]> };

const valueName = (flag: Flag): string => {
  switch (flag.kind) {
    case 'number':
      return ' N';
    case 'choice':
      return ` ${flag.choices.join('|')}`;
    case 'text':
      return ` ${flag.value}`;
    case 'switch':
      return '';
  }
};

const describe = (name: string, flag: Flag): string => {
  const range = flag.kind === 'number' ? ` (${flag.min} to ${flag.max})` : '';
  const preset = 'default' in flag ? `; default ${flag.default}` : '';
  return `  --${name}${valueName(flag)}\n      ${flag.help}${range}${preset}`;
};

const read = (name: string, flag: Flag, given: unknown): number | string | boolean => {
  if (flag.kind === 'switch') return given === true;
  if (flag.kind === 'text') return typeof given === 'string' ? given : '';
  if (typeof given !== 'string') return flag.default;
  if (flag.kind === 'choice') {
    if (!flag.choices.includes(given)) throw new RangeError(`--${name} ${given}: one of ${flag.choices.join(', ')}`);
    return given;
  }
  const value = Number(given);
  if (given.trim() === '' || !Number.isInteger(value) || value < flag.min || value > flag.max)
    throw new RangeError(`--${name} ${given}: a whole number from ${flag.min} to ${flag.max}`);
  return value;
};

/**
 * The flags of the command line. Ends the process after `--help` (0) and after a mistake (2). `mistakeIn`: what is wrong with
 * values that are each in their range.
 */
export const readFlags = <const F extends Readonly<Record<string, Flag>>>(
  purpose: string,
  flags: F,
  mistakeIn: (values: Values<F>) => string | undefined = () => undefined,
): Values<F> => {
  const usage = `${purpose}\n\nFlags:\n${Object.entries(flags)
    .map(([name, flag]) => describe(name, flag))
    .join('\n')}\n  --help\n      this text`;
  const kinds = Object.entries(flags).map(
    ([name, { kind }]) => [name, { type: kind === 'switch' ? 'boolean' : 'string' }] as const,
  );
  const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries([
    ...kinds,
    ['help', { type: 'boolean' }],
  ]);
  try {
    const values: { readonly help?: unknown; readonly [name: string]: unknown } = parseArgs({
      options,
      strict: true,
    }).values;
    if (values.help === true) {
      process.stdout.write(`${usage}\n`);
      process.exit(0);
    }
    const all = Object.entries(flags).map(([name, flag]) => [name, read(name, flag, values[name])]);
    const given = Object.fromEntries(all) as Values<F>; // each value was made from its flag
    const mistake = mistakeIn(given);
    if (mistake !== undefined) throw new RangeError(mistake);
    return given;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    process.exit(2);
  }
};
