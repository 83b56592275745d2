// Owns the migration state that lies beneath a QP's verbs state. Chapter 50.
import type { Instant } from './instant.ts';
import type { QpState } from './state.ts';

/** Stopped is a fact about oneself, Paused knowledge about the peer; the verbs state lives on above both. */
export type MigrationState =
  | { readonly phase: 'RUNNING' }
  | { readonly phase: 'PAUSED' }
  /** `since`: when it stopped; what its timers have left counts from there. */
  | { readonly phase: 'STOPPED'; readonly peerPaused: boolean; readonly since: Instant };

export const RUNNING: MigrationState = { phase: 'RUNNING' };
export const PAUSED: MigrationState = { phase: 'PAUSED' };

/** The nine names of a QP's extended state. */
export type ExtendedState = QpState | 'STOPPED' | 'PAUSED';

/** The projection of verbs state and migration state to the nine names. */
export const extendedState = (state: QpState, migration: MigrationState): ExtendedState =>
  migration.phase === 'RUNNING' ? state : migration.phase;
