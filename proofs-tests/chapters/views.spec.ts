// Views that are kept: what is handed out is always the view asked for.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Views } from '../../impl/memory/views.ts';
import { PayloadViews } from '../../impl/wire/payload-views.ts';

const place = fc.record({ start: fc.nat(5000), length: fc.nat(300), slot: fc.nat(2), datagram: fc.nat(2) });

test.prop([fc.array(place, { maxLength: 60 })])('VRB-3: a kept view of a region is the place asked for', (places) => {
  const bytes = new Uint8Array(6000);
  const views = new Views(bytes);
  for (const { start, length } of places) {
    const view = views.at(start, length);
    expect([view.buffer === bytes.buffer, view.byteOffset, view.length]).toEqual([true, start, length]);
    const again = views.at(start, length);
    expect(again).toBe(view);
  }
});

test.prop([fc.array(place, { maxLength: 60 })])(
  'WIRE-50: a kept payload is that of the datagram asked for, whatever was in its slot before',
  (places) => {
    const datagrams = [0, 1, 2].map(() => new Uint8Array(6000));
    const views = new PayloadViews();
    for (const { start, length, slot, datagram } of places) {
      const bytes = datagrams[datagram] ?? new Uint8Array(0);
      const view = views.of(bytes, start, start + length, slot);
      expect([view.buffer === bytes.buffer, view.byteOffset, view.length]).toEqual([true, start, length]);
    }
  },
);
