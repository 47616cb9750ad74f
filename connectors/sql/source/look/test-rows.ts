// The first rows of a read as they would be sent, and what is refused of them.
import type { RowOutput } from '../../../../src/core/connector/contract.ts';
import type { MappedRowLook } from '../../../../src/core/connector/source-look.ts';
import type { DirtyRow } from '../../../../src/core/record/headers.ts';
import { printBytes } from '../../../../src/core/record/refused-row.ts';
import { readRow } from '../../../../src/core/record/row-format.ts';
import type { SqlSourceOwnConfig } from '../config.ts';
import type { SourceSession } from '../dialect.ts';
import { wholeTable } from '../plan-text.ts';
import type { RowColumns } from '../row-columns.ts';
import { RowWriter } from '../row-writer.ts';
import { selectSql } from '../select.ts';

export async function testRows(
  session: SourceSession,
  { place, server }: Pick<SqlSourceOwnConfig, 'place' | 'server'>,
  { rows, limit }: { readonly rows: RowColumns; readonly limit: number },
): Promise<readonly MappedRowLook[]> {
  const { columns, fields, schema, bounds } = rows;
  const { words } = session;
  const out = new LookOutput(schema.fields.map(({ name }) => name));
  const key = schema.key.map((name) => columns.findIndex((column) => column.name === name));
  const writer = new RowWriter({ fields, key, zeroDates: server.zeroDates });
  writer.begin(out);
  const sql = `${selectSql({ words, place, columns, bounds, range: wholeTable, where: [] })} LIMIT ${limit}`;
  await session.stream(sql, {
    writer,
    forms: fields.map(({ form }) => form),
    drained: () => Promise.resolve(),
  });
  return out.rows;
}

class LookOutput implements RowOutput {
  readonly rows: MappedRowLook[] = [];
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const values = readRow(bytes, keyEnd, end).map((value) => value?.toString('utf8') ?? null);
    this.rows.push({
      key: printBytes(bytes.subarray(0, keyEnd)),
      outcome: 'row',
      values: Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? null])),
      errors: [],
    });
  }

  dirty(_: Uint8Array, { key, field, reason, bytesHex }: DirtyRow): void {
    const hint = {
      en: 'Correct the value, convert it in query, or leave the column out with sql.columns.',
      zh: '请更正该值，在 query 中转换，或用 sql.columns 排除该列。',
    };
    const error = { field, column: field, bytesHex, expected: '', reason, hint };
    this.rows.push({ key, outcome: 'dirty', values: {}, errors: [error] });
  }

  filtered(): void {
    // This source passes nothing over.
  }

  nulled(): void {
    // Shown as NULL.
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}
