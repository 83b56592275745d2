import type { EventObject } from 'xstate';
import type { Args, Part } from '../../model/part.ts';
import type { Protocol } from '../../model/protocol.ts';
import { COUNTED } from './mutation.ts';

/** Counted fields by action. */
export type Fields = Map<string, Set<string>>;

const counted = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null
    ? COUNTED.filter((field) => typeof Reflect.get(value, field) === 'number')
    : [];

const noted = (fields: Fields, action: string, found: readonly string[]): void => {
  const known = fields.get(action) ?? new Set();
  for (const field of found) known.add(field);
  fields.set(action, known);
};

const watchedPart = <Context extends object, Event extends EventObject, Output>(
  part: Part<Context, Event, Output>,
  fields: Fields,
): Part<Context, Event, Output> => ({
  ...part,
  updates: Object.fromEntries(
    Object.entries(part.updates).map(([name, update]) => [
      name,
      (args: Args<Context, Event>) => {
        const result = update(args);
        const changed = counted(result).filter(
          (field) => Reflect.get(result, field) !== Reflect.get(args.context, field),
        );
        noted(fields, name, changed);
        return result;
      },
    ]),
  ),
  sends: Object.fromEntries(
    Object.entries(part.sends).map(([name, send]) => [
      name,
      (args: Args<Context, Event>) => {
        const outputs = send(args);
        for (const out of outputs)
          for (const inner of ['packet', 'event'] as const)
            if (typeof out === 'object' && out !== null) noted(fields, name, counted(Reflect.get(out, inner)));
        return outputs;
      },
    ]),
  ),
});

/** The same protocol, telling which counted fields its actions change or send. */
export const fieldsWatched = (protocol: Protocol, fields: Fields): Protocol => ({
  ...protocol,
  coordinator: watchedPart(protocol.coordinator, fields),
  rewrite: (parts, bounds) => (protocol.rewrite?.(parts, bounds) ?? parts).map((part) => watchedPart(part, fields)),
});
