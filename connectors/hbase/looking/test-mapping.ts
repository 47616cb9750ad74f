// A mapping tried on sampled rows: what each field becomes, and for each value that does not fit what it is, what was expected and
// how it could be read.
import type { RowOutput } from '../../../src/core/connector.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import { readRow } from '../../../src/core/row-format.ts';
import type { Bilingual, MappedRowLook, MappingError } from '../../../src/core/source-look.ts';
import { CellDecoder } from '../cell-decoder.ts';
import type { SourceColumn } from '../cell-decoder.ts';
import { describeColumn } from '../column-resolution.ts';
import type { MappedField } from '../field-mapping.ts';
import { printKey } from '../printable-key.ts';
import { describeExpected } from '../value-settings.ts';
import { readingsOf } from './guess-encoding.ts';
import type { SampledRow } from './sample-rows.ts';

interface MappedColumn {
  readonly field: MappedField;
  readonly column: SourceColumn | null;
}

const maxHexBytes = 256;
const maxValue = 200;

export function testRows(
  mapped: readonly MappedColumn[],
  rows: readonly SampledRow[],
): readonly MappedRowLook[] {
  const whole = new CellDecoder(mapped);
  // Each field by itself, without its condition: a row's first problem would hide the others.
  const single = mapped.map(({ field, column }) => ({
    field,
    column,
    decoder: new CellDecoder([{ field: { ...field, condition: null }, column }]),
  }));
  return rows.map((row) => {
    const { outcome } = decode(whole, row);
    const values: Record<string, string | null> = {};
    const errors: MappingError[] = [];
    for (const { field, column, decoder } of single) {
      const { text, reason } = decode(decoder, row);
      values[field.target] = text === null ? null : text.slice(0, maxValue);
      if (reason !== null) errors.push(explain({ field, column }, row, reason));
    }
    return { key: printKey(row.key), outcome, values, errors };
  });
}

interface Decoded {
  readonly outcome: MappedRowLook['outcome'];
  /** Of the first field. */
  readonly text: string | null;
  readonly reason: string | null;
}

function decode(decoder: CellDecoder, { block }: SampledRow): Decoded {
  let decoded: Decoded = { outcome: 'filtered', text: null, reason: null };
  const out: RowOutput = {
    row: (bytes, keyEnd, end) => {
      const [first = null] = readRow(bytes, keyEnd, end);
      decoded = { outcome: 'row', text: first?.toString('utf8') ?? null, reason: null };
    },
    dirty: (_key, { reason }) => (decoded = { outcome: 'dirty', text: null, reason }),
    filtered: () => undefined,
    drained: () => Promise.resolve(),
  };
  try {
    decoder.decodeRow(block, 0, block.length, out);
  } catch (error) {
    return { outcome: 'dirty', text: null, reason: toSyncError(error).message };
  }
  return decoded;
}

function explain({ field, column }: MappedColumn, row: SampledRow, reason: string): MappingError {
  const value = valueOf(row, column);
  return {
    field: field.target,
    column: describeColumn(column),
    bytesHex: value?.subarray(0, maxHexBytes).toString('hex') ?? '',
    expected: describeExpected(field),
    reason,
    hint: hintFor(value, field.encoding),
  };
}

function valueOf({ key, cells }: SampledRow, column: SourceColumn | null): Buffer | null {
  if (column === null) return key;
  const qualifier = Buffer.from(column.qualifier);
  const cell = cells.find((each) => each.family === column.family && each.qualifier.equals(qualifier));
  return cell?.value ?? null;
}

function hintFor(value: Buffer | null, encoding: string): Bilingual {
  if (value === null)
    return {
      en: 'The row has no such cell: map another column, or give a default by maprule.',
      zh: '该行没有此单元格:请映射其他列,或用 maprule 设置默认值。',
    };
  const [other] = readingsOf(value, encoding).filter((reading) => reading.encoding !== 'bytes');
  if (other === undefined)
    return {
      en: 'Choose another field type, or read it as bytes or hex.',
      zh: '请选择其他字段类型,或按 bytes 或 hex 读取。',
    };
  return {
    en: `Read as ${other.encoding} (${other.fieldType}) it would be '${other.example}'.`,
    zh: `若按 ${other.encoding}(${other.fieldType})读取,则为 '${other.example}'。`,
  };
}
