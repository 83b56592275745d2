import type { QpPart } from '../context.ts';

/** A RoCEv2 endpoint that has never heard of live migration: any NAK code or opcode it does not know is fatal (RC-37, DEV-25). */
export const stock: QpPart = {
  regions: {
    self: {
      initial: 'RUNNING',
      states: {
        RUNNING: {
          'rx.nakStopped': [{ when: ['completes', 'psn.outstanding'], do: ['raise.send.error'], rule: 'RC-37' }],
          'rx.resume': [{ when: ['serves'], do: ['raise.fatal'], rule: 'DEV-25' }],
        },
        GONE: {},
      },
    },
    peer: { initial: 'REACHABLE', states: { REACHABLE: {}, PAUSED: {} } },
  },
  guards: {
    'verbs.consumer': { all: ['self.RUNNING'] },
    sends: { all: ['self.RUNNING'] },
    serves: { all: ['self.RUNNING', 'verbs.responding', 'from.peer'] },
    completes: { all: ['self.RUNNING', 'verbs.sending', 'from.peer'] },
    'ackTimer.runs': { all: ['self.RUNNING', 'verbs.sending', 'outstanding', '!rnr.waits'] },
    'peer.mayHaveMoved': () => false,
  },
  updates: {},
  sends: {},
};
