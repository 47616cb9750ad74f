// Whether a row may have one of some keys, from few of its bytes: every row of a run is asked, and nearly all have none of them.
import type { KeyPlace } from '../../../core/record/row-key.ts';

/** Of a key's first field with its end, whose last bytes tell keys apart best. */
const tailBytes = 4;
const slots = 4_096;

/** "No" is sure, "yes" is not. */
export class KeyFilter {
  readonly #values: readonly Buffer[];
  /** The key's first field stands first in its row: where the row begins, it begins. */
  readonly #isFirst: boolean;
  readonly #lengths: readonly number[];
  readonly #tails = new Uint8Array(slots);

  /** `keys`: their fields as they stand in a row, by TAB. */
  constructor(keys: readonly string[], { key, fields }: KeyPlace) {
    const field = Math.min(...key);
    this.#isFirst = field === 0;
    const end = field === fields - 1 ? '\n' : '\t';
    const values = keys.map((text) => Buffer.from(`${text.split('\t', 1)[0] ?? ''}${end}`, 'latin1'));
    this.#values = this.#isFirst ? values : values.map((each) => Buffer.concat([Buffer.from('\t'), each]));
    this.#lengths = [...new Set(values.map(({ length }) => length))];
    for (const value of values) this.#tails[slotOf(value, value.length, value.length)] = 1;
  }

  /** Asked of all rows of a batch at once, where a single row can't be asked. */
  mayHold(bytes: Buffer): boolean {
    return this.#isFirst || this.#values.some((value) => bytes.includes(value));
  }

  mayBe(bytes: Buffer, start: number): boolean {
    if (!this.#isFirst) return true;
    for (const length of this.#lengths) {
      const end = start + length;
      if (end <= bytes.length && this.#tails[slotOf(bytes, end, length)] === 1) return true;
    }
    return false;
  }
}

function slotOf(bytes: Buffer, end: number, length: number): number {
  let tail = 0;
  for (let at = end - Math.min(length, tailBytes); at < end; at += 1) tail = (tail << 8) | (bytes[at] ?? 0);
  return Math.imul(tail, 0x9e3779b1) >>> 20;
}
