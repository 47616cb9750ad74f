// The HBase sink by chance: random fields, encodings, row keys and tables, random values of all field types, writes and removals. What is
// read back by the encoding's own reader is what was sent, or its row is dirty, or the settings are refused or in doubt: never else.
// SYNCLINE_PROPERTY_ROUNDS and SYNCLINE_PROPERTY_SEED: more rounds, or the ones that failed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileEncoding } from '../../connectors/hbase/encodings/all-encodings.ts';
import { charsets, inCharset } from '../../connectors/hbase/encodings/text/charset.ts';
import type { Charset } from '../../connectors/hbase/encodings/text/charset.ts';
import { writableEncodings } from '../../connectors/hbase/encodings/encoder.ts';
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import { wholeTable } from '../../connectors/hbase/client/key-range.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../src/core/connector/field-type.ts';
import { ByteWriter, readRow } from '../../src/core/record/row-format.ts';
import { findZone, utc } from '../../src/core/time/time-zone.ts';
import { anyFieldType, anyValue, canonicalOf, oneOf } from '../support/any-values.ts';
import type { Random } from '../support/any-values.ts';
import type { HbaseSinkBed } from '../support/hbase-sink-bed.ts';
import { createRandom } from '../support/random.ts';
import { batchOf, beginRun, newTableName, noSignal } from './sink-bed.ts';

type Values = readonly (Buffer | null)[];
type Attributes = Readonly<Record<string, string>>;

interface Column {
  readonly field: Field;
  readonly isKey: boolean;
  readonly family: string;
  readonly encoding: string;
  readonly charset: Charset;
  readonly zone: string;
}

interface AnyTable {
  readonly name: string;
  readonly schema: RowSchema;
  readonly columns: readonly Column[];
  readonly config: Readonly<Record<string, string>>;
  /** Of the families of a table that is there already; null: auto.create. */
  readonly attributes: Attributes | null;
  readonly hasNewerCell: boolean;
}

const chosen: Partial<Record<FieldType['kind'], readonly string[]>> = {
  string: ['text', 'text', 'text', 'int64', 'int32', 'hex', 'base64', 'bigdecimal', 'double', 'float'],
  bytes: ['bytes', 'hex', 'base64', 'text'],
  timestamp: ['text', 'epoch-ms', 'epoch-s', 'epoch-ms-text', 'epoch-s-text'],
  date: ['text', 'epoch-ms', 'epoch-s', 'epoch-ms-text', 'epoch-s-text'],
  boolean: ['text', 'boolean'],
  decimal: ['text', 'bigdecimal', 'double', 'int64'],
  float32: ['text', 'float', 'double'],
  float64: ['text', 'double', 'float'],
};

function anyColumn(random: Random, field: Field, isKey: boolean): Column {
  const { kind } = field.type;
  const usual =
    chosen[kind] ??
    (kind.startsWith('int') ? ['text', 'int8', 'int32', 'int64', 'double', 'bigdecimal'] : ['text']);
  const isTextKey = isKey && kind === 'string' && random(4) > 0;
  const some = random(30) === 0 ? writableEncodings : usual;
  const encoding = isTextKey ? 'text' : oneOf(random, ['text', ...some]);
  const isText = encoding === 'text' && kind === 'string' && random(4) === 0;
  const hasZone =
    !isKey &&
    random(4) === 0 &&
    (kind === 'timestamp' ? encoding === 'text' : kind === 'date' && encoding !== 'text');
  return {
    field,
    isKey,
    family: oneOf(random, ['f', 'f', 'g']),
    encoding,
    charset: isText ? oneOf(random, ['utf-8', ...charsets]) : 'utf-8',
    zone: hasZone ? oneOf(random, ['Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns']) : '',
  };
}

function anyTable(random: Random): AnyTable {
  const keys = oneOf(random, [1, 1, 2, 3]);
  const fields = Array.from({ length: keys + random(4) }, (_, index): Field => ({
    name: index < keys ? `k${index}` : `c${index}`,
    type: index < keys && random(2) === 0 ? { kind: 'string', length: 0 } : anyFieldType(random),
    optional: index >= keys && random(4) > 0,
  }));
  const columns = fields.map((field, index) => anyColumn(random, field, index < keys));
  const entries = columns.map(({ field, family, encoding, charset, zone }) => ({
    field: field.name,
    column: `${family}:${field.name}`,
    encoding,
    ...(charset === 'utf-8' ? {} : { charset }),
    ...(zone === '' ? {} : { zone }),
  }));
  return {
    name: newTableName(),
    schema: { fields, key: fields.slice(0, keys).map(({ name }) => name) },
    columns,
    config: {
      'hbase.columns': JSON.stringify(entries),
      'hbase.row.key.delimiter': oneOf(random, ['|', '|', '||', 'aa', '\u0001', '中']),
      'hbase.salt.buckets': oneOf(random, ['0', '0', '16']),
      'hbase.presplit': 'false',
      'hbase.null.values': oneOf(random, [
        'delete',
        ...Array.from({ length: 8 }, () => 'delete'),
        'skip',
        'empty',
      ]),
    },
    attributes:
      random(4) > 0
        ? null
        : oneOf<Attributes>(random, [{}, { VERSIONS: '3' }, { TTL: '1' }, { NEW_VERSION_BEHAVIOR: 'true' }]),
    hasNewerCell: random(10) === 0,
  };
}

function anyOf(random: Random, { type, optional }: Field): Buffer | null {
  const value = anyValue(random, type);
  return value === null && !optional && random(3) > 0 ? anyOf(random, { name: '', type, optional }) : value;
}

/** A field's value as the property compares it. `key`: what tells rows apart, where texts of one value are keys of their own. */
function shownOf({ field: { type }, encoding, isKey }: Column, value: Buffer | null): string {
  // Of a key, text keeps more than its value.
  return value !== null && isKey && encoding === 'text'
    ? `as ${value.toString('hex')}`
    : canonicalOf(type, value);
}

function readCell({ field: { type }, encoding, charset, zone }: Column, bytes: Buffer): Buffer {
  const settings = { zone: findZone(zone) ?? utc };
  const own = compileEncoding(encoding, type, settings);
  // A number in an encoding of others.
  const read = typeof own === 'string' ? compileEncoding(encoding, { kind: 'string', length: 0 }) : own;
  if (typeof read === 'string') throw new Error(read);
  const out = new ByteWriter();
  const problem = inCharset(charset, read)(out, bytes, 0, bytes.length);
  if (problem !== null) return Buffer.from(`unreadable: ${problem}`);
  return readRow(out.bytes, 0, out.length)[0] ?? Buffer.from('unreadable: NULL');
}

type Rows = Map<string, readonly string[]>;

function keyOf(columns: readonly Column[], shown: readonly string[]): string {
  return JSON.stringify(shown.filter((_, index) => columns[index]?.isKey));
}

function putInto(rows: Rows, { columns }: AnyTable, row: Values): void {
  const shown = columns.map((column, index) => shownOf(column, row[index] ?? null));
  rows.set(keyOf(columns, shown), shown);
}

async function readRows(bed: HbaseSinkBed, table: AnyTable): Promise<Rows> {
  const rows: Rows = new Map();
  let found = 0;
  for await (const { buffer, rowCount, rowStarts } of bed.client.scan({
    table: table.name,
    range: wholeTable,
  }))
    for (let i = 0; i < rowCount; i += 1) {
      const cells = decodeCells(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
      putInto(
        rows,
        table,
        table.columns.map((column) => valueIn(cells, column)),
      );
      found += 1;
    }
  expect(rows.size, 'rows that look alike').toBe(found);
  return rows;
}

function valueIn(cells: readonly Cell[], column: Column): Buffer | null {
  const cell = cells.find(
    ({ family, qualifier }) => String(family) === column.family && String(qualifier) === column.field.name,
  );
  if (cell === undefined) return null;
  // The text itself, where it is kept as it is.
  if (column.encoding === 'text' && column.charset === 'utf-8' && column.zone === '')
    return Buffer.from(cell.value);
  return readCell(column, Buffer.from(cell.value));
}

async function makeTable(
  bed: HbaseSinkBed,
  { name, columns, attributes, hasNewerCell }: AnyTable,
): Promise<void> {
  if (attributes !== null || hasNewerCell)
    await bed.client.admin.createTable({
      table: name,
      families: { f: attributes ?? {}, g: attributes ?? {} },
    });
  if (!hasNewerCell) return;
  const row = Buffer.from('a');
  const cell = {
    row,
    family: Buffer.from(columns[0]?.family ?? ''),
    qualifier: Buffer.from('c1'),
    timestamp: 9_000_000_000_000n,
    value: Buffer.from('x'),
  };
  await bed.client.mutateRows(name, [{ kind: 'put', row, cells: [{ ...cell, type: 'put' }] }]);
}

type Outcome = 'refused' | 'doubted' | 'equal';

async function runRound(bed: HbaseSinkBed, seed: number): Promise<Outcome> {
  const random = createRandom(seed);
  const table = anyTable(random);
  const config = bed.configOf(table.name, table.config);
  await makeTable(bed, table);
  await beginRun(bed, config);
  const store = await bed.plugin.openStore(config, noSignal);
  try {
    const prepared = await store.prepareTable(table.schema).catch((error: unknown) => {
      if (
        error instanceof SyncError &&
        ['MAPPING_INVALID', 'TARGET_SCHEMA', 'KEYS_MAY_MERGE'].includes(error.code)
      )
        return null;
      throw error;
    });
    if (prepared === null) return 'refused';
    const sent = await writeAny(random, store, table);
    if (prepared.doubts.length > 0) return 'doubted';
    expect(await readRows(bed, table), JSON.stringify(table)).toEqual(sent);
    return 'equal';
  } finally {
    await store.close();
  }
}

/** Parts that hold the delimiter, or a piece of it, among them. */
function anyKey(random: Random, { columns, config }: AnyTable): Values {
  const delimiter = config['hbase.row.key.delimiter'] ?? '';
  const [head, tail] = [delimiter.slice(0, 1), delimiter.slice(-1)];
  const pieces = [
    'a',
    `a${head}`,
    `${tail}a`,
    head,
    `a${delimiter}`,
    `${delimiter}a`,
    `${head}${delimiter}`,
  ] as const;
  const parts = columns.filter(({ isKey }) => isKey);
  const inParts = parts.length > 1;
  return parts.map(({ field }) =>
    field.type.kind === 'string' && inParts && random(6) > 0
      ? Buffer.from(oneOf(random, pieces))
      : anyOf(random, field),
  );
}

async function writeAny(
  random: Random,
  store: Awaited<ReturnType<HbaseSinkBed['plugin']['openStore']>>,
  table: AnyTable,
): Promise<Rows> {
  const { schema, columns } = table;
  const sent: Rows = new Map();
  const keys = Array.from({ length: 8 }, () => anyKey(random, table));
  for (let batch = 0; batch < 4; batch += 1) {
    const rows = Array.from({ length: random(10) + 1 }, () => {
      const key = keys[random(keys.length)] ?? [];
      return schema.fields.map((field, index) => key[index] ?? anyOf(random, field));
    });
    if (random(4) === 0) {
      const removals = rows.map((row) =>
        row.map((value, index) => (columns[index]?.isKey === true ? value : null)),
      );
      await store.transaction((tx) => tx.deleteRows(batchOf(removals)));
      for (const row of removals)
        sent.delete(
          keyOf(
            columns,
            columns.map((column, index) => shownOf(column, row[index] ?? null)),
          ),
        );
      continue;
    }
    const answers = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
    const refused = new Set(answers.map(({ index }) => index));
    for (const [index, row] of rows.entries()) if (!refused.has(index)) putInto(sent, table, row);
  }
  return sent;
}

/** `usual`: rounds where the environment names none. */
export function describeAnyValues(open: () => Promise<HbaseSinkBed>, usual: number): void {
  const rounds = Number(process.env['SYNCLINE_PROPERTY_ROUNDS'] ?? usual);
  const firstSeed = Number(process.env['SYNCLINE_PROPERTY_SEED'] ?? Date.now() % 1e9);

  describe('any values in any table', () => {
    let bed: HbaseSinkBed;
    beforeAll(async () => {
      bed = await open();
    });
    afterAll(() => bed.close(), 60_000 + rounds * 2_000);

    it(
      `what is proved is what was sent (seed ${firstSeed}, ${rounds} rounds)`,
      { timeout: 60_000 + rounds * 5_000 },
      async () => {
        const outcomes: Record<Outcome, number> = { refused: 0, doubted: 0, equal: 0 };
        for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1)
          try {
            outcomes[await runRound(bed, seed)] += 1;
          } catch (error) {
            throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
              cause: error,
            });
          }
        expect(outcomes.equal).toBeGreaterThan(rounds / 5);
      },
    );
  });
}
