// Owns what a device is to a program, wherever its packets go. Chapter 40.
import type { Counters } from '../nic/counters.ts';
import type { Context } from '../verbs/context.ts';
import type { IpAddress } from '../wire/address.ts';

/**
 * An RNIC, on a UDP port or in a simulated network: the same program runs on both. Verbs are called on what `open` gives
 * and never wait. The device works when the event loop turns, so a program either waits (`completions`, `asyncEvents`) or
 * polls and gives the device its turns by `progress`.
 */
export type Device = {
  readonly kind: 'udp' | 'sim';
  /** The port's GID table. */
  readonly addresses: readonly IpAddress[];
  readonly counters: Readonly<Counters>;
  /** `ibv_open_device`. Objects of different contexts do not meet. */
  readonly open: () => Context;
  /**
   * A turn now: what has arrived is taken, timers that are due fire, what is to be sent is sent. Where only the event loop
   * can read the socket (transport `dgram`) nothing arrives here, so a program that polls lets it turn now and then.
   */
  readonly progress: () => void;
  /**
   * `ibv_close_device`, and off its network: iterations end (VRB-15), what would give the device work is refused with ENODEV
   * (VRB-16). Its objects stay: they can be polled, queried and destroyed. Closing twice changes nothing.
   */
  readonly close: () => Promise<void>;
};
