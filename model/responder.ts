import { type Bounds, distanceTo, wirePsn } from './bounds.ts';
import type { Ghost, QpArgs, QpContext, QpPart } from './context.ts';
import type { Packet, Transmit } from './packet.ts';
import type { Edge } from './part.ts';

type Request = Extract<Packet, { type: 'rx.request' }>;

const asRequest = ({ event }: QpArgs): Request | undefined => (event.type === 'rx.request' ? event : undefined);
const ends = ({ part }: Request): boolean => part === 'only' || part === 'last';
const begins = ({ part }: Request): boolean => part === 'only' || part === 'first';
const hasResponse = ({ op }: Request): boolean => op === 'READ' || op === 'ATOMIC';

/** Responder of an RC QP: executes requests in PSN order, once each, and answers (chapter 30). */
export const responder = (bounds: Bounds): QpPart => {
  const distance = (args: QpArgs): number => {
    const request = asRequest(args);
    return request ? distanceTo(bounds, request.psn, args.context.expected) : Number.NaN;
  };
  const resourceFor = (args: QpArgs) => {
    const index = args.context.expected + distance(args);
    const psns = asRequest(args)?.psns ?? 0;
    return args.context.resources.find(({ first, psns: kept }) => index >= first && index + psns <= first + kept);
  };
  const answer = (context: QpContext, packet: Packet): readonly Transmit[] => [
    { to: context.peerHost, side: 'peer', packet },
  ];
  const lastExecuted = (context: QpContext): number =>
    context.ackLost ? bounds.psnModulus - 1 : wirePsn(bounds, context.expected - 1);
  const executed = ({ ghost }: QpContext, request: Request): Ghost => {
    if (!ends(request)) return ghost;
    const right = request.message === ghost.executed;
    const broke = ghost.broke || (right ? '' : request.op === 'ATOMIC' ? 'SAFE-3' : 'SAFE-2');
    return { executed: ghost.executed + 1, broke };
  };
  const due = (...more: string[]): readonly string[] => ['serves', 'request.due', ...more];
  const behind = (...more: string[]): readonly string[] => ['serves', 'request.behind', ...more];
  const requestEdges: readonly Edge[] = [
    { when: due('sequence.broken'), do: ['nak.invalid', 'raise.fatal'], rule: 'QP-11' },
    { when: due('receive.missing'), do: ['nak.rnr', 'hush'], rule: 'RC-60' },
    { when: due('request.hasResponse'), do: ['execute', 'respond'], rule: 'RC-50' },
    { when: due('request.asksAck'), do: ['execute', 'ack'], rule: 'RC-57', keeps: ['QP-32', 'MIG-8'] },
    { when: due(), do: ['execute'], rule: 'RC-50' },
    { when: ['serves', 'request.ahead', '!nak.sent'], do: ['nak.sequence', 'hush'], rule: 'RC-52', keeps: ['RC-51'] },
    { when: behind('request.hasResponse', 'resource.kept'), do: ['respond'], rule: 'RC-55', keeps: ['RC-53', 'RC-56'] },
    { when: behind('!request.hasResponse', 'request.asksAck'), do: ['ack.again'], rule: 'RC-54' },
  ];
  return {
    regions: {
      responder: {
        initial: 'ENGINE',
        states: {
          ENGINE: {
            'rx.request': requestEdges,
            'post.receive': [{ when: ['verbs.postReceive'], do: ['receive.posted'], rule: 'QP-31' }],
          },
        },
      },
    },
    guards: {
      'request.due': (args) => distance(args) === 0,
      'request.ahead': (args) => distance(args) > 0,
      'request.behind': (args) => distance(args) < 0,
      'request.hasResponse': (args) => hasResponse(asRequest(args) ?? never()),
      'request.asksAck': (args) => asRequest(args)?.ackReq === true,
      'sequence.broken': (args) => {
        const request = asRequest(args) ?? never();
        return args.context.inProgress !== (begins(request) ? '' : request.op);
      },
      'receive.missing': (args) => {
        const request = asRequest(args) ?? never();
        return request.op === 'SEND' && begins(request) && args.context.receives === 0;
      },
      'nak.sent': ({ context }) => context.nakSent === 1,
      'resource.kept': (args) => resourceFor(args) !== undefined,
    },
    updates: {
      execute: (args) => {
        const { context } = args;
        const request = asRequest(args) ?? never();
        const kept = { first: context.expected, psns: request.psns };
        return {
          expected: context.expected + request.psns,
          nakSent: 0,
          ackLost: 0,
          inProgress: ends(request) || hasResponse(request) ? '' : request.op === 'SEND' ? 'SEND' : 'WRITE',
          receives: context.receives - (request.op === 'SEND' && begins(request) ? 1 : 0),
          resources: hasResponse(request)
            ? [...context.resources, kept].slice(-bounds.responderResources)
            : context.resources,
          ghost: executed(context, request),
        };
      },
      hush: () => ({ nakSent: 1 }),
      'receive.posted': ({ context }) => ({ receives: context.receives + 1 }),
    },
    sends: {
      ack: (args) => answer(args.context, { type: 'rx.ack', psn: asRequest(args)?.psn ?? never() }),
      'ack.again': ({ context }) => answer(context, { type: 'rx.ack', psn: lastExecuted(context) }),
      'nak.sequence': ({ context }) =>
        answer(context, { type: 'rx.nak', psn: wirePsn(bounds, context.expected), code: 'SEQUENCE' }),
      'nak.invalid': (args) =>
        answer(args.context, { type: 'rx.nak', psn: asRequest(args)?.psn ?? never(), code: 'INVALID_REQUEST' }),
      'nak.rnr': (args) => answer(args.context, { type: 'rx.rnrNak', psn: asRequest(args)?.psn ?? never() }),
      respond: (args) => {
        const request = asRequest(args) ?? never();
        return Array.from({ length: request.psns }, (_, k) => ({
          to: args.context.peerHost,
          side: 'peer' as const,
          packet: {
            type: 'rx.response' as const,
            psn: (request.psn + k) % bounds.psnModulus,
            message: request.message,
          },
        }));
      },
    },
  };
};

/** Guards and updates of this part stand on request edges only. */
const never = (): never => {
  throw new Error('a request guard was asked about another event');
};
