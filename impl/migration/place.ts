// Owns the place that a refusal names: the path of fields and indexes to what is being read. Chapter 60.
import type { ImageError } from './image-error.ts';

/** A refusal; caught where the image is read. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly rule: ImageError['rule'];
  /** Where, such as `image.qps[3].data.sq`. */
  readonly place: string;

  constructor(rule: ImageError['rule'], place: string, message: string) {
    super(message);
    this.rule = rule;
    this.place = place;
  }
}

/** Moves along with the reading, so that a value that is right costs no words. */
export class Place {
  readonly #steps: (string | number)[];

  constructor(root: string) {
    this.#steps = [root];
  }

  /** What is read next is this field or element, until `leave`. */
  enter(step: string | number): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** Looks at a field or element. */
  at<T>(step: string | number, look: () => T): T {
    this.#steps.push(step);
    const seen = look();
    this.#steps.pop();
    return seen;
  }

  /** Looks at each element of a list that is a field. */
  each<T>(step: string, list: readonly T[], look: (each: T, index: number) => void): void {
    this.#steps.push(step);
    for (let i = 0; i < list.length; i++) {
      const element = list[i];
      if (element === undefined) continue;
      this.#steps.push(i);
      look(element, i);
      this.#steps.pop();
    }
    this.#steps.pop();
  }

  /** Throws a refusal of what stands here. */
  refuse(message: string, rule: ImageError['rule'] = 'IMG-6'): never {
    const words = this.#steps.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`));
    throw new ReadError(rule, words.join(''), message);
  }

  /** Throws a refusal of a field or element. */
  refuseAt(step: string | number, message: string, rule: ImageError['rule']): never {
    this.#steps.push(step);
    return this.refuse(message, rule);
  }
}
