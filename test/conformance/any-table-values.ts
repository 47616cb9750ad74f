// Of every SQL target: random tables over all its column types, random values of all field types, every way rows go. What is read back
// is what was sent, or its row is dirty, or the table is refused or in doubt: never anything else.
// SYNCLINE_PROPERTY_ROUNDS and SYNCLINE_PROPERTY_SEED: more rounds, or the ones that failed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../src/core/connector/field-type.ts';
import type { SinkStore } from '../../src/core/connector/sink-store.ts';
import { batchOf, newTableName, noSignal, type SinkBed } from './sink-bed.ts';
import { anyValue, canonicalOf, oneOf, type Random } from '../support/any-values.ts';
import { createRandom } from '../support/random.ts';

const rounds = Number(process.env['SYNCLINE_PROPERTY_ROUNDS'] ?? 40);
const firstSeed = Number(process.env['SYNCLINE_PROPERTY_SEED'] ?? Date.now() % 1e9);

export interface AnyTable {
  readonly fields: readonly Field[];
  readonly key: readonly string[];
  /** `CREATE TABLE … (…) …;` and what belongs to it, with `%` for the table's name. */
  readonly ddl: readonly string[];
}

/** A target, and the tables that it may have. */
export interface AnyTables<B extends SinkBed> {
  openBed(): Promise<B>;
  /** What the tables are made of, asked once. */
  tables(bed: B): Promise<(random: Random) => AnyTable>;
  /** Names of the types of its columns. */
  typesOf(bed: B, table: string): Promise<ReadonlyMap<string, string>>;
  /** Those that keep the text of a value as it is. */
  readonly textTypes: RegExp;
  /** Every row, its values as text or bytes. */
  readRaw(
    bed: B,
    table: string,
    columns: readonly { readonly name: string; readonly type: string }[],
  ): Promise<readonly (readonly (Buffer | null)[])[]>;
}

type Values = readonly (Buffer | null)[];
/** Rows as canonical text by their canonical key. */
type Rows = Map<string, readonly string[]>;

/**
 * Texts that are no values of the type, and that a server would read as one all the same ('1.5' for an integer): converters refuse
 * them, no sink gets them.
 */
function isMisread(type: FieldType, value: Buffer | null): boolean {
  const text = value?.toString('latin1') ?? '';
  if (!/\d/.test(text)) return false;
  const bits = Number(/^int(\d+)$/.exec(type.kind)?.[1] ?? 0);
  if (bits > 0) return !/^-?\d+$/.test(text) || BigInt.asIntN(bits, BigInt(text)) !== BigInt(text);
  if (type.kind === 'boolean') return !/^[01]$/.test(text);
  if (type.kind.startsWith('float') || type.kind === 'decimal')
    return canonicalOf(type, value).startsWith('bytes') || /^1e-?400$/.test(text);
  if (type.kind === 'date') return !/^\d{4}-\d\d-\d\d$/.test(text);
  if (type.kind === 'time') return !/^-?\d{2,3}:\d\d:\d\d(\.\d+)?$/.test(text);
  return type.kind === 'timestamp' && !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text);
}

function valueOf(random: Random, { type, optional }: Field): Buffer | null {
  const value = edgeOf(random, type) ?? anyValue(random, type);
  if (isMisread(type, value)) return valueOf(random, { name: '', type, optional });
  return value === null && !optional && random(4) > 0 ? valueOf(random, { name: '', type, optional }) : value;
}

/** What no source should send, but what is written like a value. */
function edgeOf(random: Random, { kind }: FieldType): Buffer | null {
  if (random(20) > 0) return null;
  if (kind === 'date') return Buffer.from(oneOf(random, ['0000-00-00', '2023-00-10', '2023-02-29', '']));
  if (kind === 'time')
    return Buffer.from(oneOf(random, ['838:59:59', '-838:59:59', '839:00:00', '24:00:00']));
  if (kind === 'timestamp')
    return Buffer.from(
      oneOf(random, [
        '0000-00-00 00:00:00',
        '2024-03-31 02:30:00',
        '1970-01-01 00:00:00',
        '2038-01-19 03:14:08',
      ]),
    );
  return null;
}

/** A table, and what its fields' columns are. */
interface Made extends AnyTable {
  readonly columns: readonly string[];
  readonly isText: RegExp;
}

function canonicalRow({ fields, columns, isText }: Made, values: Values): readonly string[] {
  return fields.map(({ type }, index) =>
    canonicalOf(asIn(isText.test(columns[index] ?? ''), type), values[index] ?? null),
  );
}

/** Text is what it is; of a number zeros in front and behind say nothing, whichever number its column is for. */
function asIn(isText: boolean, type: FieldType): FieldType {
  if (isText) return { kind: 'bytes', length: 0 };
  return type.kind.startsWith('int') || type.kind === 'boolean'
    ? { kind: 'decimal', precision: 65, scale: 30 }
    : type;
}

export function describeAnyValues<B extends SinkBed>(name: string, any: AnyTables<B>): void {
  describe(`any value in any column of ${name}`, () => describeRounds(any));
}

function describeRounds<B extends SinkBed>(any: AnyTables<B>): void {
  let bed: B;
  let anyTable: (random: Random) => AnyTable;
  beforeAll(async () => {
    bed = await any.openBed();
    anyTable = await any.tables(bed);
  });
  afterAll(() => bed.close());

  const make = async (random: Random): Promise<{ table: string; made: Made }> => {
    for (;;) {
      const [table, made] = [newTableName(), anyTable(random)];
      try {
        for (const sql of made.ddl) await bed.execute(sql.replaceAll('%', table));
      } catch {
        // Two attributes that do not go together: another one.
        continue;
      }
      const types = await any.typesOf(bed, table);
      const columns = made.fields.map(({ name }) => types.get(name) ?? '');
      return { table, made: { ...made, columns, isText: any.textTypes } };
    }
  };

  const readBack = async (table: string, made: Made): Promise<Rows> => {
    const { fields, columns } = made;
    const rows = await any.readRaw(
      bed,
      table,
      fields.map(({ name }, at) => ({ name, type: columns[at] ?? '' })),
    );
    const found: Rows = new Map();
    for (const raw of rows) {
      const values = fields.map(({ type }, index) => {
        const value = raw[index] ?? null;
        return type.kind === 'date' && value !== null
          ? Buffer.from(value.toString('latin1').replace(/ 00:00:00(\.0+)?$/, ''), 'latin1')
          : value;
      });
      const row = canonicalRow(made, values);
      found.set(keyOf(made, row), row);
    }
    expect(found.size).toBe(rows.length);
    return found;
  };

  const keyOf = ({ fields, key }: AnyTable, row: readonly string[]): string =>
    key.map((name) => row[fields.findIndex((field) => field.name === name)]).join(' | ');

  /** Writes rows, and adds to `wanted` what must be found of them. */
  const write = async (
    store: SinkStore,
    made: Made,
    work: { rows: readonly Values[]; wanted: Rows; mode: string; proved: boolean },
  ): Promise<number> => {
    const { rows, wanted, mode, proved } = work;
    const answers = await store.transaction((tx) => tx.writeRows(batchOf(rows)));
    const dirty = new Set(answers.map(({ index }) => index));
    for (const [index, values] of rows.entries()) {
      if (dirty.has(index)) continue;
      const row = canonicalRow(made, values);
      const key = keyOf(made, row);
      if (proved && mode !== 'upsert') expect([key, wanted.has(key)]).toEqual([key, mode === 'update']);
      wanted.set(key, row);
    }
    return rows.length - dirty.size;
  };

  const open = async (table: string, mode: string, schema: RowSchema) => {
    const store = await bed.plugin.openStore(
      bed.configOf(table, { 'insert.mode': mode, 'keys.may.merge': 'true', 'auto.create': 'false' }),
      noSignal,
    );
    try {
      return { store, prepared: await store.prepareTable(schema) };
    } catch (error) {
      await store.close();
      if (error instanceof SyncError && error.code === 'TARGET_SCHEMA') return null;
      throw error;
    }
  };

  /** The rows that were found as they were sent. */
  const playRound = async (seed: number): Promise<number | 'refused' | 'in doubt'> => {
    const random = createRandom(seed);
    const { table, made } = await make(random);
    if (rounds === 1) process.stdout.write(`${JSON.stringify(made, null, 1)}\n`);
    const rowsOf = (count: number): Values[] =>
      Array.from({ length: count }, () => made.fields.map((field) => valueOf(random, field)));
    const wanted: Rows = new Map();
    const mode = oneOf(random, ['upsert', 'upsert', 'upsert', 'insert', 'update']);
    const first = await open(table, 'upsert', made);
    if (first === null) return 'refused';
    const rows = rowsOf(30);
    let written = await write(first.store, made, { rows, wanted, mode: 'upsert', proved: true });
    await first.store.close();
    const second = await open(table, mode, made);
    if (second === null) return 'refused';
    const proved = first.prepared.doubts.length + second.prepared.doubts.length === 0;
    // The same keys with other values, and others.
    const again = rowsOf(20).map((values, at) =>
      values.map((value, index) =>
        at % 2 === 0 && made.key.includes(made.fields[index]?.name ?? '')
          ? (rows[at]?.[index] ?? null)
          : value,
      ),
    );
    written += await write(second.store, made, { rows: again, wanted, mode, proved });
    if (proved) expect(await readBack(table, made)).toEqual(wanted);
    const gone = [...rows.slice(0, 5), ...rowsOf(5)];
    await second.store.transaction((tx) =>
      tx.deleteRows(batchOf(gone.map((values) => keysOnly(made, values)))),
    );
    for (const values of gone) wanted.delete(keyOf(made, canonicalRow(made, values)));
    await second.store.close();
    if (proved) expect(await readBack(table, made)).toEqual(wanted);
    await bed.execute(`DROP TABLE ${table}`);
    return proved ? written : 'in doubt';
  };
  const keysOnly = ({ fields, key }: AnyTable, values: Values): Values =>
    values.map((value, index) => (key.includes(fields[index]?.name ?? '') ? value : null));

  it(
    `is what was sent, or dirty, or not proved (${rounds} rounds)`,
    async () => {
      const seen = { equal: 0, refused: 0, 'in doubt': 0, rows: 0 };
      for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
        try {
          const found = await playRound(seed);
          seen[typeof found === 'number' ? 'equal' : found] += 1;
          if (typeof found === 'number') seen.rows += found;
        } catch (cause) {
          throw new Error(`SYNCLINE_PROPERTY_SEED=${seed} SYNCLINE_PROPERTY_ROUNDS=1`, { cause });
        }
      }
      // A suite that refuses or doubts nearly everything shows nothing.
      if (rounds >= 20)
        expect({ ...seen, seed: firstSeed }).toSatisfy(() => seen.equal > rounds / 10 && seen.rows > rounds);
      process.stdout.write(`any values: from seed ${firstSeed} ${JSON.stringify(seen)}\n`);
    },
    20_000 + rounds * 2_000,
  );
}
