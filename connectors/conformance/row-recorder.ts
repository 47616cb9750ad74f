// A place for a source's rows that keeps them, and sees whether they are told as the contract wants it.
import assert from 'node:assert/strict';
import type { RowOutput, SourcePlan } from '../../src/core/connector/contract.ts';
import type { DirtyRow } from '../../src/core/record/headers.ts';
import { readRow } from '../../src/core/record/row-format.ts';

/** So many rows may be given between two `drained`: they wait in memory. */
const MOST_UNDRAINED = 100_000;

export class RowRecorder implements RowOutput {
  /** Values of each row, NULL as null; by the record's key. */
  readonly rows: { readonly key: string; readonly values: readonly (string | null)[] }[] = [];
  readonly gone: (readonly (string | null)[])[] = [];
  readonly dirtyRows: DirtyRow[] = [];
  filteredRows = 0;
  /** true: its split was told to be read. */
  closed = false;
  readonly #fields: number;
  #undrained = 0;

  constructor({ schema }: SourcePlan) {
    this.#fields = schema.fields.length;
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.rows.push({ key: this.#key(bytes, keyEnd), values: this.#take(bytes, keyEnd, end) });
  }

  deleted(bytes: Uint8Array, keyEnd: number, end: number): void {
    this.gone.push(this.#take(bytes, keyEnd, end));
  }

  dirty(_key: Uint8Array, row: DirtyRow): void {
    this.#count();
    this.dirtyRows.push(row);
  }

  filtered(): void {
    this.#count();
    this.filteredRows += 1;
  }

  claimed(): void {
    this.#count();
  }

  nulled(): void {
    assert.ok(!this.closed, 'a cell was told after its split was read');
  }

  drained(): Promise<void> {
    this.#undrained = 0;
    return Promise.resolve();
  }

  #key(bytes: Uint8Array, keyEnd: number): string {
    return Buffer.from(bytes.subarray(0, keyEnd)).toString('latin1');
  }

  #take(bytes: Uint8Array, keyEnd: number, end: number): readonly (string | null)[] {
    this.#count();
    assert.ok(0 <= keyEnd && keyEnd <= end && end <= bytes.length, 'a row is laid out as key, then row');
    const values = readRow(bytes, keyEnd, end).map((value) => value?.toString('utf8') ?? null);
    assert.equal(values.length, this.#fields, 'a row has as many values as its schema has fields');
    return values;
  }

  #count(): void {
    assert.ok(!this.closed, 'a row was given after its split was told to be read');
    this.#undrained += 1;
    assert.ok(
      this.#undrained <= MOST_UNDRAINED,
      `more than ${MOST_UNDRAINED} rows without awaiting drained()`,
    );
  }
}
