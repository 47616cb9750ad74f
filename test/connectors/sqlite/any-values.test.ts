// The SQLite sink by chance: random tables over all that a column, a key and a table can be declared as, random values of all field types,
// every way rows go. What is read back is what was sent, or its row is dirty, or the table is refused or in doubt: never anything else.
// SYNCLINE_PROPERTY_ROUNDS and SYNCLINE_PROPERTY_SEED: more rounds, or the ones that failed.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SyncError } from '../../../src/core/errors.ts';
import type { Field, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { SinkStore } from '../../../src/core/connector/sink-store.ts';
import { batchOf, newTableName, noSignal } from '../../conformance/sink-bed.ts';
import type { SinkBed } from '../../conformance/sink-bed.ts';
import { anyFieldType, anyValue, canonicalOf, oneOf } from '../../support/any-values.ts';
import type { Random } from '../../support/any-values.ts';
import { createRandom } from '../../support/random.ts';
import { openSqliteBed } from './sqlite-bed.ts';

const rounds = Number(process.env['SYNCLINE_PROPERTY_ROUNDS'] ?? 150);
const firstSeed = Number(process.env['SYNCLINE_PROPERTY_SEED'] ?? Date.now() % 1e9);

type Values = readonly (Buffer | null)[];
type InsertMode = 'insert' | 'upsert' | 'update';

interface AnyTable {
  readonly name: string;
  readonly schema: RowSchema;
  /** Statements by somebody else that make it; none: auto.create. */
  readonly ddl: readonly string[];
  readonly insertMode: InsertMode;
}

const affinities = [
  'INT',
  'INTEGER',
  'BIGINT',
  'CHARINT',
  'FLOATING POINT',
  'TEXT',
  'VARCHAR(9)',
  'CLOB',
] as const;
const others = [
  'REAL',
  'DOUBLE',
  'FLOAT',
  'NUMERIC',
  'DECIMAL(10,2)',
  'DATE',
  'BOOLEAN',
  'STRING',
  'ANY',
  'BLOB',
  '',
] as const;
const fitting = { whole: 'INTEGER', floating: 'REAL', bytes: 'BLOB', text: 'TEXT' } as const;

function anyDeclared(random: Random, { type }: Field, strict: boolean): string {
  if (strict)
    return random(8) > 0
      ? fittingOf(type.kind)
      : oneOf(random, ['INT', 'INTEGER', 'REAL', 'TEXT', 'BLOB', 'ANY']);
  return oneOf(random, [...affinities, ...others, ...Array.from({ length: 60 }, () => fittingOf(type.kind))]);
}

function fittingOf(kind: Field['type']['kind']): string {
  if (kind.startsWith('int') || kind === 'boolean') return fitting.whole;
  if (kind.startsWith('float')) return fitting.floating;
  return kind === 'bytes' ? fitting.bytes : fitting.text;
}

function conflictOf(random: Random): string {
  return oneOf(random, [
    '',
    '',
    ' ON CONFLICT REPLACE',
    ' ON CONFLICT IGNORE',
    ' ON CONFLICT FAIL',
    ' ON CONFLICT ROLLBACK',
  ]);
}

function collationOf(random: Random): string {
  return oneOf(random, ['', '', '', '', ' COLLATE NOCASE', ' COLLATE RTRIM', ' COLLATE BINARY']);
}

function anySchema(random: Random): RowSchema {
  const keys = oneOf(random, [1, 1, 1, 2]);
  const fields = Array.from({ length: keys + 1 + random(4) }, (_, index): Field => ({
    name: index < keys ? `k${index}` : `c${index}`,
    type: index < keys && random(3) > 0 ? { kind: 'string', length: 0 } : anyFieldType(random),
    optional: index >= keys && random(4) > 0,
  }));
  return { fields, key: fields.slice(0, keys).map((field) => field.name) };
}

function anyTable(random: Random): AnyTable {
  const name = newTableName();
  const schema = anySchema(random);
  const insertMode = oneOf<InsertMode>(random, ['upsert', 'upsert', 'insert', 'update']);
  if (random(6) === 0) return { name, schema, ddl: [], insertMode };
  const strict = random(3) === 0;
  const clauses = schema.fields.map((field) => anyColumn(random, { schema, field, strict }));
  const byIndex = random(4) === 0;
  const last = schema.fields.at(-1);
  const isWhole = last?.type.kind.startsWith('int') === true && !schema.key.includes(last.name);
  if (byIndex && isWhole)
    clauses[clauses.length - 1] = `${last.name} INTEGER PRIMARY KEY${conflictOf(random)}`;
  const keys = schema.key.map((key) => `${key}${byIndex ? collationOf(random) : ''}`).join(', ');
  if (!byIndex) clauses.push(`PRIMARY KEY (${keys})${conflictOf(random)}`);
  const rowNumber = !byIndex && random(6) === 0 ? 'WITHOUT ROWID' : '';
  const options = [strict ? 'STRICT' : '', rowNumber].filter((option) => option !== '').join(', ');
  return {
    name,
    schema,
    insertMode,
    ddl: [
      `CREATE TABLE ${name} (${clauses.join(', ')}) ${options}`,
      ...(byIndex ? [`CREATE UNIQUE INDEX i_${name} ON ${name} (${keys})`] : []),
      ...(random(8) === 0 ? [`CREATE TRIGGER t_${name} ${anyTrigger(random, name)}`] : []),
    ],
  };
}

function anyColumn(
  random: Random,
  { schema, field, strict }: { schema: RowSchema; field: Field; strict: boolean },
): string {
  const declared = anyDeclared(random, field, strict);
  const isKey = schema.key.includes(field.name);
  const parts = [
    random(4) === 0 ? `NOT NULL${conflictOf(random)} ${oneOf(random, ['', "DEFAULT 'd'", 'DEFAULT 5'])}` : '',
    !isKey && random(10) === 0 ? `UNIQUE${conflictOf(random)}` : '',
    random(12) === 0 ? `CHECK (${field.name} <> 'a')` : '',
    collationOf(random),
  ];
  return `${field.name} ${declared} ${parts.join(' ')}`;
}

function anyTrigger(random: Random, table: string): string {
  return oneOf(random, [
    `BEFORE INSERT ON ${table} WHEN new.k0 > 'a' BEGIN SELECT RAISE(IGNORE); END`,
    `BEFORE UPDATE ON ${table} BEGIN SELECT RAISE(IGNORE); END`,
    `BEFORE DELETE ON ${table} BEGIN SELECT RAISE(IGNORE); END`,
    `BEFORE INSERT ON ${table} WHEN new.k0 > 'x' BEGIN SELECT RAISE(ABORT, 'no'); END`,
    `AFTER INSERT ON ${table} BEGIN DELETE FROM ${table} WHERE k0 <> new.k0; END`,
  ]);
}

function anyRow(random: Random, schema: RowSchema, keys: readonly Values[]): Values {
  const key = keys[random(keys.length)] ?? [];
  return schema.fields.map((field, index) => key[index] ?? anyOf(random, field));
}

function anyOf(random: Random, { type, optional }: Field): Buffer | null {
  const value = anyValue(random, type);
  return value === null && !optional && random(3) > 0 ? anyOf(random, { name: '', type, optional }) : value;
}

/** What the table must hold, by key: of a key's rows that were not refused, the last one. */
class Model {
  readonly rows = new Map<string, readonly string[]>();
  readonly #schema: RowSchema;

  constructor(schema: RowSchema) {
    this.#schema = schema;
  }

  keyOf(row: Values): string {
    const key = this.#schema.fields.flatMap((field, index) => {
      if (!this.#schema.key.includes(field.name)) return [];
      const value = row[index] ?? null;
      // Texts of one decimal or time are rows of their own, as they are at the source.
      const isText = ['decimal', 'time', 'timestamp'].includes(field.type.kind);
      return [isText ? (value?.toString('hex') ?? 'NULL') : canonicalOf(field.type, value)];
    });
    return JSON.stringify(key);
  }

  put(row: Values): void {
    this.rows.set(
      this.keyOf(row),
      this.#schema.fields.map(({ type }, index) => canonicalOf(type, row[index] ?? null)),
    );
  }
}

let bed: SinkBed;
beforeAll(async () => {
  bed = await openSqliteBed();
});
afterAll(() => bed.close());

async function readTable({ name, schema }: AnyTable): Promise<Model['rows']> {
  const columns = schema.fields.flatMap(({ name: column }) => [
    `typeof(${column})`,
    `hex(CAST(${column} AS BLOB))`,
    column,
  ]);
  const read = new Model(schema);
  const rows = await bed.readRows(name, columns);
  for (const row of rows)
    read.put(
      schema.fields.map((_, index) => {
        const [storage, hex, text] = row.slice(index * 3);
        if (storage === 'null') return null;
        return storage === 'real' ? Buffer.from(text ?? '') : Buffer.from(hex ?? '', 'hex');
      }),
    );
  expect(rows).toHaveLength(read.rows.size);
  return read.rows;
}

type Outcome = 'refused' | 'doubted' | 'equal';

async function runRound(seed: number): Promise<Outcome> {
  const random = createRandom(seed);
  const table = anyTable(random);
  const { schema } = table;
  for (const sql of table.ddl) await bed.execute(sql);
  // With rows by upsert between, so that there is something to update.
  const open = (mode: InsertMode): Promise<SinkStore> =>
    bed.plugin.openStore(bed.configOf(table.name, { 'insert.mode': mode }), noSignal);
  const [store, upserting] = [await open(table.insertMode), await open('upsert')];
  try {
    const prepared = await store.prepareTable(schema).catch((error: unknown) => {
      if (error instanceof SyncError && /^(TARGET_SCHEMA|KEYS_MAY_MERGE)$/.test(error.code)) return null;
      throw error;
    });
    if (prepared === null) return 'refused';
    await upserting.prepareTable(schema);
    const model = new Model(schema);
    await writeAny(random, { stores: [store, upserting], table, model });
    if (prepared.doubts.length > 0) return 'doubted';
    expect(await readTable(table), JSON.stringify(table)).toEqual(model.rows);
    return 'equal';
  } finally {
    await store.close();
    await upserting.close();
  }
}

async function writeAny(
  random: Random,
  { stores, table, model }: { stores: readonly [SinkStore, SinkStore]; table: AnyTable; model: Model },
): Promise<void> {
  const { schema } = table;
  const keys = Array.from({ length: 6 }, () =>
    schema.key.map((_, index) => anyOf(random, schema.fields[index] ?? idle)),
  );
  for (let batch = 0; batch < 4; batch += 1) {
    const store = oneOf(random, stores);
    const rows = Array.from({ length: random(8) + 1 }, () => anyRow(random, schema, keys));
    if (random(3) === 0) {
      const removals = rows.map((row) =>
        row.map((value, index) => (index < schema.key.length ? value : null)),
      );
      await store.transaction((tx) => tx.deleteRows(batchOf(removals)));
      for (const row of removals) model.rows.delete(model.keyOf(row));
      continue;
    }
    const answers = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
    const refused = new Set(answers.map(({ index }) => index));
    for (const [index, row] of rows.entries()) if (!refused.has(index)) model.put(row);
  }
}

const idle: Field = { name: '', type: { kind: 'json' }, optional: false };

it(
  `what is proved is what was sent (seed ${firstSeed}, ${rounds} rounds)`,
  { timeout: 60_000 + rounds * 200 },
  async () => {
    const outcomes: Record<Outcome, number> = { refused: 0, doubted: 0, equal: 0 };
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1)
      try {
        outcomes[await runRound(seed)] += 1;
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    // By far most rounds must say something.
    expect(outcomes.equal).toBeGreaterThan(rounds / 5);
  },
);
