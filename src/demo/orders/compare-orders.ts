// Row by row, column by column: two streams of rows in key order, merged. Holds one row of each at a time.

/** Canonical texts in the order of the columns, the key first; null = NULL or a missing cell. */
export type OrderRow = readonly (string | null)[];

export interface Difference {
  readonly key: string;
  /** null: the whole row. */
  readonly column: string | null;
  readonly kind: 'missing-in-target' | 'not-in-source' | 'value';
  readonly source: string | null;
  readonly target: string | null;
}

export interface Comparison {
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly differences: number;
  /** The first of them. */
  readonly shown: readonly Difference[];
}

const shownDifferences = 20;

/** `columns` names the rows' columns. Throws when a side is not in ascending key order. */
export async function compareOrders(
  source: AsyncIterable<OrderRow>,
  target: AsyncIterable<OrderRow>,
  columns: readonly string[],
): Promise<Comparison> {
  const [left, right] = [new RowReader(source, 'source'), new RowReader(target, 'target')];
  const shown: Difference[] = [];
  let differences = 0;
  const report = (difference: Difference): void => {
    differences += 1;
    if (shown.length < shownDifferences) shown.push(difference);
  };
  await Promise.all([left.next(), right.next()]);
  for (;;) {
    const [a, b] = [left.key, right.key];
    if (a === null && b === null) break;
    if (b === null || (a !== null && a < b)) {
      report({ key: a ?? '', column: null, kind: 'missing-in-target', source: null, target: null });
      await left.next();
    } else if (a === null || b < a) {
      report({ key: b, column: null, kind: 'not-in-source', source: null, target: null });
      await right.next();
    } else {
      for (const [index, column] of columns.entries()) {
        const [value, other] = [left.row[index] ?? null, right.row[index] ?? null];
        if (value !== other) report({ key: a, column, kind: 'value', source: value, target: other });
      }
      await Promise.all([left.next(), right.next()]);
    }
  }
  return { sourceRows: left.rows, targetRows: right.rows, differences, shown };
}

class RowReader {
  /** null: at the end. */
  key: string | null = null;
  row: OrderRow = [];
  rows = 0;
  readonly #side: string;
  readonly #iterator: AsyncIterator<OrderRow>;

  constructor(rows: AsyncIterable<OrderRow>, side: string) {
    this.#iterator = rows[Symbol.asyncIterator]();
    this.#side = side;
  }

  async next(): Promise<void> {
    const before = this.key;
    const result = await this.#iterator.next();
    if (result.done === true) {
      this.key = null;
      return;
    }
    this.row = result.value;
    this.key = this.row[0] ?? '';
    this.rows += 1;
    if (before !== null && before >= this.key)
      throw new Error(`comparing: the ${this.#side} gave ${this.key} after ${before}`);
  }
}
