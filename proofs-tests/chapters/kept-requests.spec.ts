// 30-rc: the requests a responder keeps, against an array of them.
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { KeptRequests } from '../../impl/rc/kept-requests.ts';
import type { Resource } from '../../impl/rc/rc-qp.ts';
import { psn, psnAdd } from '../../impl/wire/psn.ts';

/** Keep a READ of so many PSNs, or let the oldest go. */
const deeds = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }) }, fc.constant('drop' as const)),
);

test.prop([deeds, fc.nat(0xffffff)])(
  'RC-58: what is kept stays in order, is found by each of its PSNs, and goes oldest first, across the end of the PSNs',
  (each, first) => {
    const kept = new KeptRequests();
    const expected: Resource[] = [];
    let next = psn(first);
    for (const deed of each) {
      if (deed === 'drop') expect(kept.dropOldest()).toEqual(expected.shift());
      else {
        const resource: Resource = { kind: 'READ', firstPsn: next, psnCount: deed, va: 0, length: 0, rkey: 0 };
        kept.add(resource);
        expected.push(resource);
        next = psnAdd(next, deed);
      }
      expect(kept.count).toBe(expected.length);
      expect(kept.list()).toEqual(expected);
    }
    for (const resource of expected) {
      for (let i = 0; i < resource.psnCount; i++) expect(kept.at(psnAdd(resource.firstPsn, i))).toEqual(resource);
    }
    expect(kept.at(next)).toBeUndefined();
    const [oldest] = expected;
    if (oldest !== undefined) expect(kept.at(psnAdd(oldest.firstPsn, -1))).toBeUndefined();
    const other = new KeptRequests();
    other.replace(kept.list());
    expect(other.list()).toEqual(expected);
  },
);
