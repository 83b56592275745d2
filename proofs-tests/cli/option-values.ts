/** Readers for the values of flags. What they throw becomes exit code 2, with the flag's name in front. */
import { InvalidArgumentError } from 'commander';

const refuse = (text: string, valid: string): never => {
  throw new InvalidArgumentError(`'${text}' is not ${valid}.`);
};

/** An integer from `least` to `most`. */
export const integer =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : refuse(text, `an integer from ${least} to ${most}`);
  };

/** A number from `least` to `most`, in decimal notation. */
export const decimal =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : refuse(text, `a number from ${least} to ${most}`);
  };

/** One of the names given. */
export const oneOf =
  <T extends string>(...names: readonly T[]) =>
  (text: string): T =>
    names.find((name) => name === text) ?? refuse(text, `one of ${names.join(', ')}`);

/** A seed: what every run with chance in it prints and accepts. */
export const seed = integer(0, 0xffff_ffff);
