import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../model/protocol.ts';
import { tardisAsRead } from '../../model/protocols.ts';
import type { Scenario } from '../../model/scenario.ts';
import { allScenarios, parseScenario } from '../scenario/load.ts';
import { PROTOCOL_NAMES, type ProtocolName } from '../scenario/schema.ts';
import { Compiled } from './compiled.ts';
import { recordedCounts } from './counts.ts';
import { explore } from './explore.ts';
import { plannedFor } from './planned.ts';
import { regionOrders } from './region-order.ts';

const ordersIn = (protocol: Protocol, scenario: Scenario) => {
  const compiled = new Compiled(protocol, scenario);
  expect(explore(compiled, { keep: 'states' }).complete).toBe(true);
  return regionOrders(compiled);
};

const MOST = 4_200;

/** Scenarios that a protocol, in any reading, makes no larger than this. */
const smallFor = (name: ProtocolName) => {
  const counts = recordedCounts();
  return allScenarios().filter((scenario) => {
    const variants = Object.entries(counts[scenario.name] ?? {}).filter(([variant]) => variant.split(',')[0] === name);
    return variants.length > 0 && variants.every(([, [states]]) => states <= MOST);
  });
};

/** Which regions act together, by event: what an order could matter to. `verbs` acts on what another region raises. */
const TOGETHER = {
  tardis: [
    'ackTimeout: requester, verbs',
    'ackTimeout: self, verbs',
    'modify.err: peer, verbs',
    'modify.err: self, verbs',
    'modify.reset: peer, verbs',
    'modify.reset: self, verbs',
    'rx.ack: requester, self',
    'rx.ack: requester, verbs',
    'rx.nak: requester, verbs',
    'rx.nakStopped: self, verbs',
    'rx.resume: self, verbs',
  ],
  'tardis-code': [
    'ackTimeout: peer, requester, verbs',
    'ackTimeout: requester, verbs',
    'ackTimeout: self, verbs',
    'modify.err: peer, verbs',
    'modify.err: self, verbs',
    'modify.reset: peer, verbs',
    'modify.reset: self, verbs',
    'rx.ack: requester, self',
    'rx.ack: requester, verbs',
    'rx.nak: requester, verbs',
    'rx.nakStopped: self, verbs',
    'rx.resume: peer, verbs',
    'rx.resume: self, verbs',
  ],
  godwit: [
    'ackTimeout: peer, self',
    'ackTimeout: requester, verbs',
    'modify.reset: peer, verbs',
    'modify.reset: self, verbs',
    'record.answer: peer, self',
    'record.answer: peer, verbs',
    'rx.ack: requester, verbs',
    'rx.nak: requester, verbs',
    'rx.resumed: peer, self',
  ],
} as const satisfies { readonly [name in ProtocolName]: readonly string[] };

describe('regions that act on one event', () => {
  test.each(PROTOCOL_NAMES)(
    'QP-9, MIG-19, MIG-43, MIG-47: %s comes out the same in whatever order they act',
    (name) => {
      const together = new Set<string>();
      let pairs = 0;
      for (const scenario of smallFor(name))
        for (const { protocol } of plannedFor(scenario.expected, name)) {
          const found = ordersIn(protocol, scenario);
          expect(found.matters).toEqual([]);
          for (const regions of found.together) together.add(regions);
          pairs += found.pairs;
        }
      expect([...together].toSorted()).toEqual(TOGETHER[name]);
      expect(pairs).toBeGreaterThan(50);
    },
  );

  test('an action that another region undoes is found', () => {
    const scenario = parseScenario('drawn', JSON.stringify({ version: 1, says: 'x', sides: { A: { route: [0, 2] } } }));
    const protocol: Protocol = {
      ...tardisAsRead({}),
      rewrite: (parts) =>
        parts.map((part) => ({
          ...part,
          updates: part.updates.rewind
            ? { ...part.updates, rewind: ({ context }) => ({ nxt: context.nxt - 1 }) }
            : part.updates,
        })),
    };
    const compiled = new Compiled(protocol, scenario);
    explore(compiled, { keep: 'states', maxStates: 2_000 });
    expect(regionOrders(compiled).matters.map(({ event }) => event.type)).toContain('rx.ack');
  });
});
