import { godwit, type Ingredient } from './migration/godwit.ts';
import { decidingCoordinator } from './migration/godwit-coordinator.ts';
import { CODED, PUBLISHED, type TardisReading, tardis } from './migration/tardis.ts';
import { publishedCoordinator } from './migration/tardis-coordinator.ts';
import type { Copy, Protocol } from './protocol.ts';

const RESTORABLE = ['RESET', 'INIT', 'RTR', 'RTS'];

/** What the image of the public code leaves out (reference F.4, H11). */
const asCoded = ({ value, context }: Copy): Copy => ({
  value: { ...value, peer: 'REACHABLE' },
  context: {
    ...context,
    resources: [],
    inProgress: context.inProgress === 'WRITE' ? '' : context.inProgress,
    ackLost: 1,
    nakSent: 0,
    retries: 0,
    rnrRetries: 0,
    rnrWait: 0,
  },
});

const published = (name: string, reading: TardisReading): Protocol => ({
  name,
  part: (bounds) => tardis(bounds, reading),
  coordinator: publishedCoordinator(reading),
  restore: (image, host) => {
    if (!RESTORABLE.includes(image.value.verbs)) return undefined;
    const { value, context } = reading.image === 'as coded' ? asCoded(image) : image;
    return { value: { ...value, self: 'STOPPED' }, context: { ...context, host, epoch: context.epoch + 1 } };
  },
  tombstones: false,
  ownKeys: false,
  quarantine: false,
  toldWhenStarted: false,
  startsByRecord: false,
});

export const tardisAsRead = (reading: Partial<TardisReading>): Protocol =>
  published('tardis', { ...PUBLISHED, ...reading });
export const tardisCode: Protocol = published('tardis-code', CODED);

/** The revised protocol, or what is left of it without some of its ingredients. */
export const godwitWithout = (...ingredients: readonly Ingredient[]): Protocol => {
  const without = new Set(ingredients);
  return {
    name: 'godwit',
    part: (bounds) => godwit(bounds, without),
    coordinator: decidingCoordinator({
      asks: !without.has('capability check'),
      final: !without.has('single decision'),
      whole: !without.has('one decision for all QPs'),
    }),
    restore: (image, host) => {
      const { value, context } = without.has('whole image') ? asCoded(image) : image;
      return { value: { ...value, self: 'STOPPED' }, context: { ...context, host } };
    },
    tombstones: true,
    ownKeys: !without.has('key of one connection'),
    quarantine: !without.has('quarantine'),
    toldWhenStarted: !without.has('told when started'),
    startsByRecord: !without.has('record before starting'),
  };
};
