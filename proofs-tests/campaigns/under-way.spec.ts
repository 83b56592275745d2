/** What carries the packets and the memory of a run does what a plain list would do. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { type InFlight, Medium } from '../../impl/sim/medium.ts';
import { Schedule } from '../../impl/sim/schedule.ts';
import { ip } from '../../impl/wire/address.ts';
import { path } from '../../impl/wire/path.ts';
import { Arena } from './arena.ts';

const WAY = path(ip('10.0.0.1'), ip('10.0.0.2'), 0xc000);
const NONE = new Uint8Array(0);

/** Launched by a device, copied, or taken: by how far it is from the one launched last. */
const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('launch' as const), from: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('copy' as const), back: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('take' as const), back: fc.nat(40) }) },
);

test.prop([fc.array(deed, { maxLength: 60 }), fc.constantFrom(0, 1, 3_000)])(
  'packets under way are those launched and not taken, by their ids, however many there have been',
  (deeds, before) => {
    const medium = new Medium();
    let flying: InFlight[] = [];
    let launched = 0;
    const launch = (from: number): void => {
      const packet = medium.launch(from, NONE, WAY);
      expect(packet.id).toBe(launched);
      launched += 1;
      flying.push(packet);
    };
    const take = (id: number): void => {
      expect(medium.take(id)).toBe(flying.find((packet) => packet.id === id));
      flying = flying.filter((packet) => packet.id !== id);
    };
    for (let k = 0; k < before; k += 1) {
      launch(0);
      if (k >= 5) take(k - 5);
    }
    for (const each of deeds) {
      if (each.does === 'launch') launch(each.from);
      else if (each.does === 'take') take(launched - 1 - each.back);
      else {
        const original = flying.find(({ id }) => id === launched - 1 - each.back);
        if (original === undefined) continue;
        flying.push(medium.copy(original));
        launched += 1;
        expect(flying.at(-1)).toEqual({ ...original, id: launched - 1 });
      }
      expect(medium.list()).toEqual(flying);
      expect(medium.size).toBe(flying.length);
    }
  },
);

test.prop([fc.array(fc.oneof(fc.record({ at: fc.nat(30) }), fc.record({ now: fc.nat(30) })), { maxLength: 80 })])(
  'packets arrive by instant, then in the order in which they were scheduled',
  (deeds) => {
    const schedule = new Schedule();
    let waiting: { readonly at: number; readonly id: number }[] = [];
    for (const [id, each] of deeds.entries()) {
      if ('at' in each) {
        schedule.add(each.at, id);
        waiting = [...waiting, { at: each.at, id }].sort((a, b) => a.at - b.at || a.id - b.id);
      } else {
        const [first] = waiting;
        const isDue = first !== undefined && first.at <= each.now;
        expect(schedule.due(each.now)).toBe(isDue ? first.id : undefined);
        if (isDue) waiting = waiting.slice(1);
      }
      expect(schedule.next).toBe(waiting[0]?.at ?? Number.POSITIVE_INFINITY);
    }
  },
);

const sizes = fc.oneof(fc.nat(5_000), fc.constantFrom(0, 1 << 20, 3 << 20));

const overlap = (a: Uint8Array, b: Uint8Array): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.length && b.byteOffset < a.byteOffset + a.length;

test.prop([fc.array(fc.array(sizes, { maxLength: 30 }), { maxLength: 4 })])(
  'memory of a run: nothing of it is given twice before the next one',
  (runs) => {
    const arena = new Arena();
    for (const lengths of runs) {
      arena.reset();
      const taken = lengths.map((length) => arena.take(length));
      expect(taken.map(({ length }) => length)).toEqual(lengths);
      expect(taken.some((bytes, k) => taken.some((other, n) => n < k && overlap(bytes, other)))).toBe(false);
    }
  },
);
