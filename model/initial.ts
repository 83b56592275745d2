import type { QpContext } from './context.ts';
import type { Host } from './packet.ts';

/** Requester and responder that have sent and received nothing. */
export const UNUSED = {
  una: 0,
  nxt: 0,
  sent: 0,
  retries: 0,
  spared: 0,
  rnrRetries: 0,
  rnrWait: 0,
  expected: 0,
  nakSent: 0,
  inProgress: '',
  resources: [],
  asked: [],
} as const satisfies Partial<QpContext>;

/** A QP of a connection that stands: both ends know each other's address, nothing sent yet. */
export const connected = (host: Host, peerHost: Host, receives: number): QpContext => ({
  qpType: 'RC',
  ...UNUSED,
  ackLost: 0,
  receives,
  host,
  peerHost,
  epoch: 0,
  peerEpoch: 0,
  peerCapable: 1,
  forwardTo: -1,
  ghost: { executed: 0, broke: '' },
});
