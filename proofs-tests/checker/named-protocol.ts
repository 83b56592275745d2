import { INGREDIENTS, type Ingredient } from '../../model/migration/godwit.ts';
import type { TardisReading } from '../../model/migration/tardis.ts';
import type { Protocol } from '../../model/protocol.ts';
import { godwitWithout, tardisAsRead, tardisCode } from '../../model/protocols.ts';
import { PROTOCOL_NAMES, type ProtocolName } from '../scenario/schema.ts';
import { BadInput, unknownName } from '../terminal/bad-input.ts';

/** A protocol in a variant: the published one in a reading of its text, ours without some of its ingredients. */
export type ProtocolChoice = {
  readonly name: ProtocolName;
  readonly reading?: Partial<TardisReading>;
  readonly without?: readonly Ingredient[];
};

export const protocolOf = ({ name, reading = {}, without = [] }: ProtocolChoice): Protocol => {
  switch (name) {
    case 'tardis':
      return tardisAsRead(reading);
    case 'tardis-code':
      return tardisCode;
    case 'godwit':
      return godwitWithout(...without);
    default:
      return name satisfies never;
  }
};

/** @throws BadInput with the list of protocols. */
export const protocolNamed = (place: string, name: string): ProtocolName => {
  const known = PROTOCOL_NAMES.find((each) => each === name);
  if (!known) throw unknownName(place, name, PROTOCOL_NAMES);
  return known;
};

const asWord = (name: string): string => name.replaceAll(' ', '-');

/** Ingredients by name; hyphens may stand for spaces. @throws BadInput with the list, or where the protocol has none. */
export const ingredientsNamed = (
  place: string,
  protocol: ProtocolName,
  names: readonly string[],
): readonly Ingredient[] => {
  if (names.length > 0 && protocol !== 'godwit')
    throw new BadInput(place, `${protocol} has no ingredients to leave out`);
  return names.map((name) => {
    const known = INGREDIENTS.find((each) => asWord(each) === asWord(name));
    if (!known) throw unknownName(place, name, INGREDIENTS.map(asWord));
    return known;
  });
};
