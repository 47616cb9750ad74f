// A mapping tried on sampled rows: what each field becomes, and for each value that does not fit what it is, what was expected and
// how it could be read.
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import { toSyncError } from '../../../src/core/errors.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import type { MappedRowLook, MappingError } from '../../../src/core/connector/source-look.ts';
import type { Text } from '../../../src/core/text.ts';
import { CellDecoder } from '../mapping/cell-decoder.ts';
import type { SourceColumn } from '../mapping/column-name.ts';
import { describeSource } from '../mapping/column-resolution.ts';
import type { MappedField } from '../mapping/field-mapping.ts';
import { ownEncoding } from '../mapping/pseudo-field.ts';
import { bytesOfName } from '../mapping/column-name.ts';
import { printKey } from '../mapping/printable-key.ts';
import { describeExpected } from '../mapping/value-settings.ts';
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
  // Each field by itself, without its condition or policy: a row's first problem would hide the others, and NULL its reason.
  const single = mapped.map(({ field, column }) => ({
    field,
    column,
    decoder: new CellDecoder([{ field: { ...field, condition: null, misfit: 'dirty' }, column }]),
  }));
  return rows.map((row) => {
    const { outcome } = decode(whole, row);
    const values: Record<string, string | null> = {};
    const errors: MappingError[] = [];
    for (const { field, column, decoder } of single) {
      const { text, reason, bytesHex } = decode(decoder, row);
      values[field.target] = text === null ? null : text.slice(0, maxValue);
      if (reason !== null) errors.push(explain({ field, column }, row, { reason, bytesHex }));
    }
    return { key: printKey(row.key), outcome, values, errors };
  });
}

interface Decoded {
  readonly outcome: MappedRowLook['outcome'];
  /** Of the first field. */
  readonly text: string | null;
  readonly reason: string | null;
  /** Of the value that does not fit, where there is one. */
  readonly bytesHex: string;
}

function decode(decoder: CellDecoder, { block }: SampledRow): Decoded {
  let decoded: Decoded = { outcome: 'filtered', text: null, reason: null, bytesHex: '' };
  const out: RowOutput = {
    row: (bytes, keyEnd, end) => {
      const [first = null] = readRow(bytes, keyEnd, end);
      decoded = { outcome: 'row', text: first?.toString('utf8') ?? null, reason: null, bytesHex: '' };
    },
    dirty: (_key, { reason, bytesHex }) => (decoded = { outcome: 'dirty', text: null, reason, bytesHex }),
    filtered: () => undefined,
    nulled: () => undefined,
    drained: () => Promise.resolve(),
  };
  try {
    decoder.decodeRow(block, 0, block.length, out);
  } catch (error) {
    return { outcome: 'dirty', text: null, reason: toSyncError(error).message, bytesHex: '' };
  }
  return decoded;
}

function explain(
  { field, column }: MappedColumn,
  row: SampledRow,
  { reason, bytesHex }: Pick<MappingError, 'reason' | 'bytesHex'>,
): MappingError {
  const own = isOwnKind(field) ? Buffer.from(bytesHex, 'hex') : null;
  const value = own ?? valueOf(row, column);
  const byRule = field.byteRule.text;
  return {
    field: field.target,
    column: describeSource(field, column),
    bytesHex: value?.subarray(0, maxHexBytes).toString('hex') ?? '',
    expected: byRule === '' ? describeExpected(field) : `${describeExpected(field)}, behind ${byRule}`,
    reason,
    hint: byRule !== '' ? byRuleHint : own !== null ? otherTypeHint : hintFor(value, field.encoding),
  };
}

function valueOf({ key, cells }: SampledRow, column: SourceColumn | null): Buffer | null {
  if (column === null) return key;
  const qualifier = bytesOfName(column.qualifier);
  const cell = cells.find((each) => each.family === column.family && each.qualifier.equals(qualifier));
  return cell?.value ?? null;
}

/** What the value is, is known: only the field can be wrong. */
function isOwnKind({ pseudo, type }: MappedField): boolean {
  return ownEncoding(pseudo, type) !== null;
}

const otherTypeHint: Text = { en: 'Choose another field type.', zh: '请选择其他字段类型。' };
const byRuleHint: Text = {
  en: 'The byterule must fit every row key, and the encoding what it leaves: compare both with this key.',
  zh: 'byterule 必须适用于所有行键，encoding 必须适用于其结果：请与此行键对照。',
};
const asBytesHint: Text = {
  en: 'Choose another field type, or read it as bytes or hex.',
  zh: '请选择其他字段类型，或按 bytes 或 hex 读取。',
};

function hintFor(value: Buffer | null, encoding: string): Text {
  if (value === null)
    return {
      en: 'The row has no such cell: map another column, or give a default by maprule.',
      zh: '该行没有此单元格：请映射其他列，或用 maprule 设置默认值。',
    };
  const [other] = readingsOf(value, encoding).filter((reading) => reading.encoding !== 'bytes');
  if (other === undefined) return asBytesHint;
  const how = other.charset === undefined ? other.encoding : `${other.encoding}, charset ${other.charset}`;
  return {
    en: `Read as ${how} (${other.fieldType}) it would be '${other.example}'.`,
    zh: `若按 ${how}（${other.fieldType}）读取，则为 '${other.example}'。`,
  };
}
