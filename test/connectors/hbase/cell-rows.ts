// For tests of the HBase source: rows as cell blocks, a decoder from a mapping, and a RowOutput that keeps what it is given.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import type { DirtyRow } from '../../../src/core/record/headers.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import { CellDecoder } from '../../../connectors/hbase/mapping/cell-decoder.ts';
import type { SourceColumn } from '../../../connectors/hbase/mapping/column-name.ts';
import { bytesOfName } from '../../../connectors/hbase/mapping/column-name.ts';
import { parseFieldMapping } from '../../../connectors/hbase/mapping/field-mapping.ts';
import type { FieldMapping } from '../../../connectors/hbase/mapping/field-mapping.ts';
import { encodeCells } from '../../../connectors/hbase/client/wire/cell-block.ts';
import type { Text } from '../../../src/core/text.ts';

/** `family:qualifier` → value. */
export type Cells = Readonly<Record<string, string | Uint8Array>>;

/** The cells of one row in HBase's order. `times`: timestamps in ms, by column, of those that were not written at 2026-01-01. */
export function encodeRow(
  key: string | Uint8Array,
  cells: Cells,
  times: Readonly<Record<string, bigint>> = {},
): Buffer {
  const parts = Object.entries(cells).map(([column, value]) => {
    const colon = column.indexOf(':');
    return {
      row: Buffer.from(key),
      family: bytesOfName(column.slice(0, colon)),
      qualifier: bytesOfName(column.slice(colon + 1)),
      timestamp: times[column] ?? 1_767_225_600_000n,
      type: 'put' as const,
      value: Buffer.from(value),
    };
  });
  parts.sort((left, right) => left.family.compare(right.family) || left.qualifier.compare(right.qualifier));
  return encodeCells(parts);
}

export function makeMapping(entries: readonly Record<string, string>[], keyName = ''): FieldMapping {
  const filled = entries.map((entry) => ({
    targetFiled: entry['sourceFiled'] ?? '',
    fieldType: 'string',
    ...entry,
  }));
  const parsed = parseFieldMapping({ text: JSON.stringify(filled), keyName, defaultEncoding: 'text' });
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed.mapping;
}

/** Fields named `family:qualifier` are columns, all others the row key. */
export function makeDecoder(mapping: FieldMapping): CellDecoder {
  return new CellDecoder(
    mapping.fields.map((field) => {
      const column: SourceColumn | null =
        field.family === null ? null : { family: field.family, qualifier: field.qualifier };
      return { field, column };
    }),
  );
}

export interface CollectedRow {
  readonly key: string;
  /** Unescaped utf-8 text; null = NULL. */
  readonly values: readonly (string | null)[];
}

export class RowCollector implements RowOutput {
  readonly rows: CollectedRow[] = [];
  readonly dirtyRows: DirtyRow[] = [];
  readonly filteredRows: string[] = [];
  readonly deletedKeys: string[] = [];
  readonly nulledFields: string[] = [];
  readonly remarks: string[] = [];
  drains = 0;

  row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const key = Buffer.from(bytes.subarray(0, keyEnd)).toString('latin1');
    const values = readRow(bytes, keyEnd, end).map((value) => value?.toString('utf8') ?? null);
    this.rows.push({ key, values });
  }

  deleted(bytes: Uint8Array, keyEnd: number): void {
    this.deletedKeys.push(Buffer.from(bytes.subarray(0, keyEnd)).toString('latin1'));
  }

  dirty(_key: Uint8Array, row: DirtyRow): void {
    this.dirtyRows.push(row);
  }

  filtered(reason: Text): void {
    this.filteredRows.push(reason.en);
  }

  nulled(field: string): void {
    this.nulledFields.push(field);
  }

  remarked(remark: Text): void {
    this.remarks.push(remark.en);
  }

  drained(): Promise<void> {
    this.drains += 1;
    return Promise.resolve();
  }
}
