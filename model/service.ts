import type { Side } from './packet.ts';

/**
 * What a connection is to the two programs that use it: two FIFO streams of messages, executed at one end and completed
 * at the other. No packet, no retry, no host, no migration. THM-1 says that the system does nothing else.
 */
export type Service = { readonly [side in Side]: End };

/**
 * One end. Messages are executed and completed in post order, so that a count says which. An end that is OPEN works; one
 * that has ENDED, by its consumer or by a failure, does nothing more; of one that is LOST nobody can tell what it did.
 */
export type End =
  | {
      readonly is: 'OPEN';
      /** Messages of the other end executed here. */
      readonly executed: number;
      /** Own messages completed with SUCCESS. */
      readonly completed: number;
    }
  | { readonly is: 'ENDED'; readonly executed: number }
  | { readonly is: 'LOST' };

export type ServiceStep = { readonly side: Side; readonly does: 'execute' | 'complete' | 'end' | 'lose' };

/** What the consumers have posted, and which ends may end or be lost at all. */
export type Contract = {
  readonly [side in Side]: { readonly posted: number; readonly mayEnd: boolean; readonly mayBeLost: boolean };
};

export const IDLE: Service = {
  A: { is: 'OPEN', executed: 0, completed: 0 },
  B: { is: 'OPEN', executed: 0, completed: 0 },
};

const other = (side: Side): Side => (side === 'A' ? 'B' : 'A');

/** The service after a step, or undefined where the service does not take it. */
export const serve = (contract: Contract, service: Service, { side, does }: ServiceStep): Service | undefined => {
  const [end, peer, terms] = [service[side], service[other(side)], contract[side]];
  const become = (next: End): Service => ({ ...service, [side]: next });
  if (does === 'lose') return terms.mayBeLost && end.is !== 'LOST' ? become({ is: 'LOST' }) : undefined;
  if (end.is !== 'OPEN') return undefined;
  switch (does) {
    case 'execute': {
      const executed = end.executed + 1;
      return executed > contract[other(side)].posted ? undefined : become({ ...end, executed });
    }
    case 'complete': {
      const completed = end.completed + 1;
      const most = peer.is === 'LOST' ? terms.posted : peer.executed;
      return completed > most ? undefined : become({ ...end, completed });
    }
    case 'end':
      return terms.mayEnd ? become({ is: 'ENDED', executed: end.executed }) : undefined;
    default:
      return does satisfies never;
  }
};
