import type { CoordinatorContext, CoordinatorEvent, CoordinatorValue } from './coordinator.ts';

/** How far the migration of one connection has come: its coordinator's state. */
export type Progress = { readonly value: CoordinatorValue; readonly context: CoordinatorContext };

/** What a container with several connections keeps in step. */
export type Barriers = {
  /** Every QP is STOPPED before one is dumped, and so on step by step (MIG-31). */
  readonly phases: boolean;
  /** One decision for all QPs (MIG-50). */
  readonly decision: boolean;
};

const PHASES = {
  IDLE: 0,
  INTENDED: 0,
  MEMORY: 0,
  STOPPED: 1,
  DUMPED: 2,
  RESTORED: 3,
  ACTIVATED: 4,
  DECIDED: 0,
} as const;

/** Phases done since the container began; undefined where a connection is in none. */
const phase = ({ value: { move }, context: { hop } }: Progress): number | undefined =>
  move in PHASES ? 4 * hop + PHASES[move as keyof typeof PHASES] : undefined;

const BEGINS_PHASE: readonly CoordinatorEvent['type'][] = ['stop', 'dump', 'restore', 'resume', 'commit', 'start'];
const DECIDES: readonly CoordinatorEvent['type'][] = ['resume', 'commit', 'start'];
const GIVES_UP: readonly CoordinatorEvent['type'][] = ['abort', 'crash', 'return'];

/**
 * Whether the coordinator of a container may take a step with one connection, given how far another has come. What the
 * step does with the one is its own business.
 */
export const mayTake = (
  { phases, decision }: Barriers,
  type: CoordinatorEvent['type'],
  own: Progress,
  other: Progress,
): boolean => {
  if (GIVES_UP.includes(type)) return !decision || own.context.hop >= other.context.hop;
  if (!BEGINS_PHASE.includes(type)) return true;
  const bound = DECIDES.includes(type) ? decision : phases;
  const [here, there] = [phase(own), phase(other)];
  return !bound || (here !== undefined && there !== undefined && there >= here);
};

/** The container has begun a migration with the other connection, and not yet with this one. */
export const lagsBehind = (own: Progress, other: Progress): boolean => (phase(own) ?? 0) < (phase(other) ?? 0);
