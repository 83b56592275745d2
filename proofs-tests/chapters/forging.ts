// Forged images: what somebody who knows the format makes of a real one. Digest and CBOR are right; what they say is not.
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { seal, unseal } from '../../impl/migration/envelope.ts';

type Random = () => number;
type Node = unknown[];

const pick = <T>(random: Random, list: readonly T[]): T => {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new RangeError('nothing to choose from');
  return found;
};

const isNode = (item: unknown): item is Node => Array.isArray(item);

/** Every array of the metadata that has something in it. */
const nodesOf = (item: unknown): readonly Node[] =>
  isNode(item) ? [...(item.length > 0 ? [item] : []), ...item.flatMap(nodesOf)] : [];

const EDGES = [
  0,
  1,
  2,
  7,
  8,
  255,
  256,
  2 ** 16,
  2 ** 23,
  2 ** 24 - 1,
  2 ** 24,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
];

const otherNumber = (random: Random, value: number, all: readonly unknown[]): unknown => {
  const numbers = all.filter((each) => typeof each === 'number');
  const kind = random();
  if (kind < 0.4) return Math.abs(value + pick(random, [-2, -1, 1, 2, 8, 256]));
  return kind < 0.7 ? pick(random, EDGES) : (numbers[Math.floor(random() * numbers.length)] ?? 0);
};

const WORDS = [
  'RC',
  'UC',
  'UD',
  'RESET',
  'INIT',
  'RTR',
  'RTS',
  'SQD',
  'SQE',
  'ERR',
  'NONE',
  'SEND',
  'WRITE',
  'READ',
  'ATOMIC',
  'NO',
];
const OTHERS: readonly unknown[] = [null, 0, 1, true, false, '', [], new Uint8Array(3), 2n ** 64n - 1n];

const otherValue = (random: Random, value: unknown, all: readonly unknown[]): unknown => {
  if (random() < 0.03) return structuredClone(pick(random, OTHERS));
  if (typeof value === 'number') return otherNumber(random, value, all);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') {
    const words = [...WORDS, ...all.filter((each) => typeof each === 'string')];
    return pick(random, words);
  }
  if (value instanceof Uint8Array) return value.subarray(0, Math.floor(random() * value.length));
  const some = all.filter((each) => isNode(each) === isNode(value));
  return structuredClone(some.length === 0 ? null : pick(random, some));
};

/** Changes one thing somewhere: mostly a value for one of its kind, since anything else is refused at first sight. */
const change = (random: Random, meta: Node): void => {
  const nodes = nodesOf(meta);
  const node = pick(random, nodes);
  const at = Math.floor(random() * node.length);
  const all = nodes.flat();
  const kind = random();
  if (kind < 0.9) node[at] = otherValue(random, node[at], all);
  else if (kind < 0.93) node.splice(at, 1);
  else if (kind < 0.96) node.splice(at, 0, structuredClone(node[at]));
  else if (kind < 0.98) node[at] = structuredClone(pick(random, all));
  else node.reverse();
};

/** A file with one to three things changed. */
export const forge = (file: Uint8Array, random: Random): Uint8Array => {
  const opened = unseal(file);
  if (!opened.ok) throw new Error(opened.error.message);
  const meta: unknown = decode(opened.value.meta);
  if (!isNode(meta)) throw new Error('the metadata are no array');
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) change(random, meta);
  return Buffer.concat(seal(encode(meta, rfc8949EncodeOptions), [opened.value.memory]));
};
