// Every kind of field that a row can have: what is read back is what was sent, or its row is put aside, or the run is in doubt, or the
// field is refused in words before a row is written. Never anything else.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { SyncError } from '../../../src/core/errors.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { batchOf, openRun, pairsOf } from './run-tools.ts';
import { newTableName, type Cell, type TargetBed, type TargetCheck } from './target-bed.ts';

/**
 * Some are no values of their type; none is a text that a server reads as one all the same, as '1.5' of a whole number: no target is given
 * such.
 */
const samples: readonly { readonly type: FieldType; readonly values: readonly (string | Buffer)[] }[] = [
  { type: { kind: 'int8' }, values: ['-128', '0', '127', '128', ''] },
  { type: { kind: 'int16' }, values: ['-32768', '32767', '32768'] },
  { type: { kind: 'int32' }, values: ['-2147483648', '2147483647', '2147483648'] },
  {
    type: { kind: 'int64' },
    values: ['-9223372036854775808', '9007199254740993', '9223372036854775807', '9223372036854775808'],
  },
  {
    type: { kind: 'float32' },
    values: ['0.1', '-1.5', '65536', '1e38', '1e-30'],
  },
  {
    type: { kind: 'float64' },
    values: ['0.1', '-0.5', '5e-324', '1.7976931348623157e308', '9007199254740992', 'NaN', 'Infinity'],
  },
  { type: { kind: 'boolean' }, values: ['0', '1', '2'] },
  { type: { kind: 'date' }, values: ['1000-01-01', '2024-02-29', '9999-12-31', '2023-02-29', '0000-00-00'] },
  { type: { kind: 'time', precision: 0 }, values: ['00:00:00', '23:59:59', '24:00:00', '-01:00:00'] },
  { type: { kind: 'time', precision: 6 }, values: ['23:59:59.999999', '12:00:00.000001'] },
  {
    type: { kind: 'timestamp', precision: 6 },
    values: ['1000-01-01 00:00:00.000000', '2024-03-31 02:30:00.123456', '9999-12-31 23:59:59.999999'],
  },
  {
    type: { kind: 'timestamp', precision: 3 },
    values: ['2024-02-29 12:00:00.123', '2024-02-30 00:00:00.000'],
  },
  { type: { kind: 'decimal', precision: 4, scale: 2 }, values: ['99.99', '-0.01', '100.00', '1.234', 'x'] },
  {
    type: { kind: 'decimal', precision: 38, scale: 10 },
    values: ['9999999999999999999999999999.9999999999', '-0.0000000001', '0.0000000000'],
  },
  { type: { kind: 'json' }, values: ['{"a": [1, null, "中"]}', 'null', '"x"', '{', ''] },
  { type: { kind: 'string', length: 5 }, values: ['abcde', '汉字😀é.', '', 'abcdef', Buffer.from([0xff])] },
  { type: { kind: 'string', length: 0 }, values: ['x'.repeat(70_000), '007', '1.10', ' a ', '\\N'] },
  {
    type: { kind: 'bytes', length: 5 },
    values: [Buffer.from([0, 1, 254, 255]), Buffer.alloc(0), Buffer.alloc(6)],
  },
];

export const fieldValuesChecks: readonly TargetCheck[] = samples.map(({ type, values }) => ({
  name: `values of a field ${JSON.stringify(type)} are read back as they were sent, or put aside, or in doubt`,
  act: (bed) => checkValues(bed, type, values),
}));

async function checkValues(
  bed: TargetBed,
  type: FieldType,
  values: readonly (string | Buffer)[],
): Promise<void> {
  const table = newTableName();
  const rows = [...values, null].map((value, at) => [`k${String(at).padStart(2, '0')}`, value] as const);
  const opened = await openRun(bed, bed.configOf(table), pairsOf(type)).catch((error: unknown) => {
    if (error instanceof SyncError && error.code === 'TARGET_SCHEMA') return null;
    throw error;
  });
  if (opened === null) return;
  const { store, prepared } = opened;
  const refused = await store.transaction((tx) => tx.writeRows(batchOf(rows))).finally(() => store.close());
  for (const { reason } of refused) assert.notEqual(reason, '', 'a refusal says why');
  const sent = rows.filter((_, at) => refused.every(({ index }) => index !== at));
  const isBytes = type.kind === 'bytes';
  const found = await bed.readRows(table, ['id', 'value'], isBytes ? ['value'] : []);
  assert.deepEqual(
    found.map(([id]) => id),
    sent.map(([id]) => id),
    'all rows that were not refused are there',
  );
  if (prepared.doubts.length > 0) return;
  for (const [at, [id, value]] of sent.entries()) {
    const back = found[at]?.[1] ?? null;
    const asked = Buffer.isBuffer(value) && isBytes ? value.toString('hex').toUpperCase() : textOf(value);
    assert.ok(isSame(type, asked, back), `${id}: ${String(asked)} was sent, ${String(back)} is read back`);
  }
}

function textOf(value: string | Buffer | null): Cell {
  return Buffer.isBuffer(value) ? value.toString('utf8') : value;
}

function isSame({ kind }: FieldType, sent: Cell, back: Cell): boolean {
  if (sent === null || back === null) return sent === back;
  if (kind === 'float32') return Math.fround(Number(sent)) === Math.fround(Number(back));
  if (kind === 'float64') return Number(sent) === Number(back);
  // Zeros behind the last digit of a fraction say nothing.
  if (kind === 'decimal' || kind === 'time' || kind === 'timestamp') return shortest(sent) === shortest(back);
  if (kind === 'json') return isDeepStrictEqual(JSON.parse(sent), JSON.parse(back));
  return sent === back;
}

function shortest(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
