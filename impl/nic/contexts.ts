// Owns the contexts of a device, all that were ever opened. Chapter 40.
import type { AsyncEvent } from '../qp/async-event.ts';
import { Context } from '../verbs/context.ts';
import type { VerbsDevice } from '../verbs/device.ts';

export class Contexts {
  readonly #device: VerbsDevice;
  readonly #opened: Context[] = [];
  #closed = false;

  constructor(device: VerbsDevice) {
    this.#device = device;
  }

  /** A new one; of a closed device it is closed. */
  open(): Context {
    const context = new Context(this.#device);
    this.#opened.push(context);
    if (this.#closed) context.close();
    return context;
  }

  /** Tells all of them. */
  raise(event: AsyncEvent): void {
    for (const context of this.#opened) context.raise(event);
  }

  //= VRB-15, VRB-16
  /** Closes all of them, and those still to be opened. */
  close(): void {
    this.#closed = true;
    for (const context of this.#opened) context.close();
  }
}
