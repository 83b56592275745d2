// Owns what a UD queue pair is made of. Chapter 34.
import { makeQpCore, type QpCore, type QpCoreConfig } from '../qp/qp-core.ts';
import { makeSender, type Sender } from '../qp/unacknowledged.ts';
import type { Path } from '../wire/path.ts';

export type UdQp = QpCore & {
  readonly type: 'UD';
  readonly sender: Sender;
  /** Paths to where it has sent, by destination and flow label: derived, never dumped. */
  readonly paths: Map<string, Path>;
};

export const makeUdQp = (config: QpCoreConfig): UdQp =>
  // Added to the core, not spread with it: so all QPs of a type have one hidden class, and access to their fields is compiled.
  Object.assign(makeQpCore('UD', config), {
    sender: makeSender(),
    paths: new Map(),
  });
