import { type Bounds, distanceTo, wirePsn } from './bounds.ts';
import type { Ghost, QpArgs, QpContext, QpPart } from './context.ts';
import type { Packet } from './packet.ts';
import type { Edge } from './part.ts';
import { isAnswered, messagesBelow, partOf, slotAt, totalPackets, type Work } from './workload.ts';

/** Requester and completer of an RC QP: sends packets, takes answers, completes work (chapter 30). */
export const requester = (bounds: Bounds, works: readonly Work[]): QpPart => {
  const indexOf = (context: QpContext, psn: number) => context.una + distanceTo(bounds, psn, context.una);
  const answered = ({ context, event }: QpArgs): number =>
    'psn' in event ? indexOf(context, event.psn) : Number.NEGATIVE_INFINITY;

  /** How far an acknowledgement of everything below `end` reaches: a READ or atomic without its response stops it. */
  const settled = (context: QpContext, end: number): number => {
    let una = context.una;
    for (let slot = slotAt(works, una); una < end && slot && !isAnswered(slot.work); slot = slotAt(works, una))
      una += 1;
    return una;
  };
  /** Nothing that was sent before the last RESUME is left. */
  const past = ({ spared }: QpContext, una: number): Partial<QpContext> => (una < spared ? {} : { spared: 0 });
  const settle = (context: QpContext, end: number): Partial<QpContext> => {
    const una = settled(context, end);
    if (una === context.una) return {};
    return { una, nxt: Math.max(context.nxt, una), retries: 0, rnrRetries: 0, rnrWait: 0, ...past(context, una) };
  };
  const spent = (context: QpContext, end: number): boolean => {
    const retries = settled(context, end) > context.una ? 0 : context.retries;
    return bounds.retryCnt !== null && retries >= bounds.retryCnt;
  };
  const retryFrom = (context: QpContext, end: number): Partial<QpContext> => {
    const after = { ...context, ...settle(context, end) };
    return { ...after, nxt: after.una, retries: bounds.retryCnt === null ? 0 : after.retries + 1 };
  };
  /** What was in flight when an end moved has to be asked for again: that costs nothing. */
  const isSpared = (context: QpContext, end: number): boolean => settled(context, end) < context.spared;
  const request = (context: QpContext, ackReq: boolean | undefined): Packet | undefined => {
    const slot = slotAt(works, context.nxt);
    if (!slot) return undefined;
    const { work, offset, message } = slot;
    const part = work.op === 'READ' ? 'only' : partOf(slot);
    const psns = work.op === 'READ' ? work.packets - offset : 1;
    const last = part === 'only' || part === 'last';
    const closesWindow = context.nxt + psns - context.una === bounds.window;
    const again = context.nxt < context.sent && context.nxt === context.una;
    const psn = wirePsn(bounds, context.nxt);
    return {
      type: 'rx.request',
      psn,
      op: work.op,
      part,
      psns,
      ackReq: ackReq ?? (last || closesWindow || again),
      message,
    };
  };
  const judge = (context: QpContext, right: boolean, broke: Ghost['broke']): Ghost =>
    right || context.ghost.broke ? context.ghost : { ...context.ghost, broke };

  const sending = ['RC-7', 'RC-8', 'QP-34', 'MIG-6', 'MIG-15'];
  /** Who may not send has nothing to retry now: it starts again from una when it may. */
  const unsent = ['MIG-7', 'MIG-39'];
  const completing = ['QP-33', 'RC-21', 'RC-22', 'RC-23', 'RC-35'];
  const ready = ['window.open', 'rdAtomic.free', '!rnr.waits'];
  const exhausted = (when: readonly string[], rule: string): Edge => ({ when, do: ['raise.send.error'], rule });

  return {
    regions: {
      requester: {
        initial: 'ENGINE',
        states: {
          ENGINE: {
            transmit: [
              { when: ['sends', 'verbs.RTS', ...ready], do: ['send.request', 'advance'], rule: 'RC-1', keeps: sending },
              {
                when: ['sends', 'verbs.SQD', 'midMessage', ...ready],
                do: ['send.request', 'advance'],
                rule: 'QP-35',
                keeps: sending,
              },
            ],
            ackTimeout: [
              exhausted(['ackTimer.runs', 'retries.spent', '!peer.mayHaveMoved'], 'RC-31'),
              {
                when: ['ackTimer.runs', '!retries.spent'],
                do: ['retry'],
                rule: 'RC-4',
                keeps: ['RC-40', 'MIG-7', 'MIG-39'],
              },
            ],
            rnrTimeout: [{ when: ['sends', 'rnr.waits'], do: ['rnr.over'], rule: 'RC-42' }],
            'rx.ack': [
              { when: ['completes', 'psn.outstanding', '!sends'], do: ['acknowledge'], rule: 'RC-20', keeps: unsent },
              {
                when: ['completes', 'psn.outstanding', 'ack.implies', 'ack.isSpared'],
                do: ['acknowledge', 'rewind'],
                rule: 'MIG-57',
              },
              exhausted(['completes', 'psn.outstanding', 'ack.implies', 'ack.spent'], 'RC-26'),
              { when: ['completes', 'psn.outstanding', 'ack.implies'], do: ['retry.behindAck'], rule: 'RC-29' },
              { when: ['completes', 'psn.outstanding'], do: ['acknowledge'], rule: 'RC-20', keeps: completing },
            ],
            'rx.nak': [
              {
                when: ['completes', 'psn.outstanding', 'nak.fatal', '!nak.implies'],
                do: ['settle.belowNak', 'raise.send.error'],
                rule: 'QP-9',
              },
              {
                when: ['completes', 'psn.outstanding', '!sends'],
                do: ['settle.belowNak'],
                rule: 'RC-30',
                keeps: unsent,
              },
              exhausted(['completes', 'psn.outstanding', 'nak.spent'], 'RC-31'),
              { when: ['completes', 'psn.outstanding'], do: ['retry.fromNak'], rule: 'RC-30' },
            ],
            'rx.rnrNak': [
              {
                when: ['completes', 'psn.outstanding', '!sends'],
                do: ['settle.belowNak'],
                rule: 'RC-33',
                keeps: unsent,
              },
              { when: ['completes', 'psn.outstanding', 'rnr.waits', 'nak.settlesNothing'], rule: 'RC-34' },
              exhausted(['completes', 'psn.outstanding', 'nak.implies', 'nak.spent'], 'RC-26'),
              { when: ['completes', 'psn.outstanding', 'nak.implies'], do: ['retry.fromNak'], rule: 'RC-26' },
              exhausted(['completes', 'psn.outstanding', 'rnr.spent'], 'RC-34'),
              { when: ['completes', 'psn.outstanding'], do: ['rnr.wait'], rule: 'RC-33' },
            ],
            'rx.response': [
              { when: ['completes', 'psn.outstanding', 'response.due'], do: ['place'], rule: 'RC-27' },
              {
                when: ['completes', 'psn.outstanding', '!sends'],
                do: ['settle.belowNak'],
                rule: 'RC-26',
                keeps: unsent,
              },
              exhausted(['completes', 'psn.outstanding', 'response.spent'], 'RC-26'),
              { when: ['completes', 'psn.outstanding'], do: ['retry.behindAck'], rule: 'RC-26' },
            ],
          },
        },
      },
    },
    guards: {
      'from.peer': ({ context, event }) => !bounds.sourceCheck || ('from' in event && event.from === context.peerHost),
      'window.open': ({ context }) => {
        const packet = request(context, undefined);
        return packet?.type === 'rx.request' && context.nxt + packet.psns - context.una <= bounds.window;
      },
      'rdAtomic.free': ({ context }) => {
        const [first, last] = [slotAt(works, context.una)?.message ?? 0, slotAt(works, context.nxt)?.message ?? 0];
        const [next, before] = [works[last], works.slice(first, last)];
        return !next || !isAnswered(next) || before.filter(isAnswered).length < bounds.responderResources;
      },
      'rnr.waits': ({ context }) => context.rnrWait === 1,
      outstanding: ({ context }) => context.una < context.nxt,
      'retries.spent': ({ context }) => spent(context, context.una),
      'psn.outstanding': (args) => answered(args) >= args.context.una && answered(args) < args.context.sent,
      'ack.implies': (args) => settled(args.context, answered(args) + 1) <= answered(args),
      'ack.isSpared': (args) => isSpared(args.context, answered(args) + 1),
      'ack.spent': (args) => spent(args.context, answered(args) + 1),
      'nak.fatal': ({ event }) => event.type === 'rx.nak' && event.code !== 'SEQUENCE',
      'nak.settlesNothing': (args) => settled(args.context, answered(args)) === args.context.una,
      /** RC-26: a READ or atomic without its answer lies before the PSN that is refused. */
      'nak.implies': (args) => settled(args.context, answered(args)) < answered(args),
      'nak.spent': (args) => spent(args.context, answered(args)),
      'rnr.spent': (args) => {
        const { context } = args;
        const retries = settled(context, answered(args)) > context.una ? 0 : context.rnrRetries;
        return bounds.rnrRetry !== null && retries >= bounds.rnrRetry;
      },
      'response.due': (args) => {
        const slot = slotAt(works, answered(args));
        return settled(args.context, answered(args)) === answered(args) && slot !== undefined && isAnswered(slot.work);
      },
      'response.spent': (args) => spent(args.context, answered(args)),
      /** QP-37: nothing that was begun is left. */
      'queue.drained': ({ context }) => context.una === context.sent && (slotAt(works, context.una)?.offset ?? 0) === 0,
      /** QP-35: SQD finishes what it began; anything below `sent` has begun, and so has the rest of its message. */
      midMessage: ({ context }) => context.nxt < context.sent || (slotAt(works, context.nxt)?.offset ?? 0) > 0,
    },
    updates: {
      advance: ({ context }) => {
        const packet = request(context, undefined);
        const nxt = context.nxt + (packet?.type === 'rx.request' ? packet.psns : 0);
        const sent = Math.max(context.sent, nxt);
        return { nxt, sent, ghost: judge(context, context.nxt >= context.una && nxt <= totalPackets(works), 'SAFE-8') };
      },
      retry: ({ context }) => retryFrom(context, context.una),
      'retry.behindAck': (args) => retryFrom(args.context, answered(args) + 1),
      'retry.fromNak': (args) => retryFrom(args.context, answered(args)),
      acknowledge: (args) => settle(args.context, answered(args) + 1),
      'settle.belowNak': (args) => settle(args.context, answered(args)),
      'rnr.wait': (args) => {
        const after = { ...args.context, ...settle(args.context, answered(args)) };
        const rnrRetries = bounds.rnrRetry === null ? 0 : after.rnrRetries + 1;
        return { ...after, nxt: after.una, rnrWait: 1, rnrRetries };
      },
      'rnr.over': () => ({ rnrWait: 0 }),
      place: (args) => {
        const { context, event } = args;
        const index = answered(args);
        const settledFirst = { ...context, ...settle(context, index), una: index + 1, retries: 0, rnrRetries: 0 };
        const after = { ...settledFirst, ...past(context, index + 1) };
        const right = event.type === 'rx.response' && event.message === slotAt(works, index)?.message;
        return { ...after, nxt: Math.max(after.nxt, after.una), ghost: judge(context, right, 'SAFE-3') };
      },
      rewind: ({ context }) => ({ nxt: context.una }),
    },
    sends: {
      'send.request': ({ context, event }) => {
        const packet = request(context, event.type === 'transmit' ? event.ackReq : undefined);
        return packet ? [{ to: context.peerHost, side: 'peer', packet }] : [];
      },
    },
  };
};

/** Work requests of this side that have completed with SUCCESS. */
export const completedWork = (works: readonly Work[], { una }: QpContext): number => messagesBelow(works, una);
