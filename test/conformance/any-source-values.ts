// Of every SQL source: random tables over all its column types and keys, random values, random ranges and windows. What is read is what
// the server's own client says, or its row is dirty, or the column is refused by its name; and every row comes exactly once.
// SYNCLINE_PROPERTY_ROUNDS and SYNCLINE_PROPERTY_SEED: more rounds, or the ones that failed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseColumns } from '../../connectors/sql/source/row-columns.ts';
import { cutTable } from '../../connectors/sql/source/splits.ts';
import { writeSplit } from '../../connectors/sql/source/plan-text.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import type { SourcePlan } from '../../src/core/connector/contract.ts';
import { readRow } from '../../src/core/record/row-format.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import { oneOf, type Random } from '../support/any-values.ts';
import { createRandom } from '../support/random.ts';
import { misfit, type Rule } from '../support/source-value-rules.ts';
import { signal, withTask, type SqlBed } from './sql-source-bed.ts';

const rounds = Number(process.env['SYNCLINE_PROPERTY_ROUNDS'] ?? 40);
/** The same tables each time, so that a change is judged by what it changes; other seeds are for looking. */
const firstSeed = Number(process.env['SYNCLINE_PROPERTY_SEED'] ?? 1_150);

/** A type of a column, and the values that it may hold. */
export interface AnyColumn {
  /** As `CREATE TABLE` takes it, without NULL or NOT NULL. */
  readonly declared: string;
  /** A value in SQL. */
  readonly value: (random: Random) => string;
  /** What its client says of a value, in SQL: hex of its text, or of the bytes. */
  readonly say: (quoted: string) => string;
  /** What must come of it; 'refused': the column can't be read at all. */
  readonly rule: Rule | 'refused';
  /** Of what comes, to be compared with that; absent: as of what the client says. */
  readonly canonical?: Rule;
  readonly grows?: 'number' | 'time';
  /** The server takes it as a part of a key. */
  readonly isKey: boolean;
}

export interface AnySources {
  openBed(): Promise<SqlBed>;
  readonly anyColumn: (random: Random) => AnyColumn;
  /** What follows the columns. */
  readonly options: (random: Random) => string;
}

type Named = AnyColumn & { readonly name: string; readonly nullable: boolean };

interface Made {
  readonly table: string;
  readonly columns: readonly Named[];
  readonly key: readonly string[];
  /** Of each row: what each column must give; null: it is dirty, 'NULL': NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Keeps each row's bytes. */
class ByteCollector extends RowCollector {
  readonly found: (readonly (Buffer | null)[])[] = [];
  readonly #schema: RowSchema;

  constructor(schema: RowSchema) {
    super();
    this.#schema = schema;
  }

  override row(bytes: Uint8Array, keyEnd: number, end: number): void {
    const values = readRow(bytes, keyEnd, end);
    const key = this.#schema.key.length === 0 ? [] : readRow(bytes, 0, keyEnd);
    const named = this.#schema.key.map(
      (name) => values[this.#schema.fields.findIndex((field) => field.name === name)] ?? null,
    );
    expect(key, 'the record has the key of its row').toEqual(named);
    this.found.push(values);
  }
}

let tables = 0;

export function describeAnySource(name: string, any: AnySources): void {
  describe(`any value in any column of ${name}, read`, () => {
    let bed: SqlBed;
    beforeAll(async () => {
      bed = await any.openBed();
    });
    afterAll(() => bed.close());

    it(
      `is what its client says, or dirty, or refused; every row once (${rounds} rounds)`,
      async () => {
        const seen = { rows: 0, dirty: 0, refused: 0, ranges: 0, windows: 0 };
        for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) {
          try {
            await playRound(bed, any, createRandom(seed), seen);
          } catch (cause) {
            throw new Error(`SYNCLINE_PROPERTY_SEED=${seed} SYNCLINE_PROPERTY_ROUNDS=1`, { cause });
          }
        }
        // A suite that refuses nearly everything shows nothing.
        if (rounds >= 20)
          expect({ ...seen, seed: firstSeed }).toSatisfy(
            () => seen.rows > rounds && seen.refused < rounds / 2 && seen.ranges > rounds,
          );
        process.stdout.write(`any source of ${name}: from seed ${firstSeed} ${JSON.stringify(seen)}\n`);
      },
      120_000 + rounds * 5_000,
    );
  });
}

interface Seen {
  rows: number;
  dirty: number;
  refused: number;
  ranges: number;
  windows: number;
}

async function playRound(bed: SqlBed, any: AnySources, random: Random, seen: Seen): Promise<void> {
  const made = await makeTable(bed, any, random);
  if (rounds === 1) process.stdout.write(`${JSON.stringify(made, null, 1)}\n`);
  const { table, columns } = made;
  const asQuery = random(4) === 0;
  const config = asQuery
    ? { query: `SELECT * FROM ${bed.quote(table)}`, ...keyOfQuery(random, made) }
    : { 'table.whitelist': `"${table}"` };
  const refused = columns.find(({ rule }) => rule === 'refused');
  if (refused === undefined) {
    seen.ranges += await readWhole(bed, made, config, asQuery ? null : random);
    seen.rows += made.rows.length;
    seen.dirty += made.rows.filter((row) => row.includes(null)).length;
    if (await readWindows(bed, made, config, random)) seen.windows += 1;
  } else {
    seen.refused += 1;
    await expect(
      withTask(bed, config, (task) => task.plan({ base: null, mode: 'full', lagMs: 0 })),
    ).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: expect.stringMatching(new RegExp(`${refused.name}: .*can't be read`)) as unknown,
    });
  }
  await bed.execute(`DROP TABLE ${bed.quote(table)}`);
}

function keyOfQuery(random: Random, { columns, key }: Made): Record<string, string> {
  const names = key.length > 0 ? key : columns.filter(({ nullable }) => !nullable).map(({ name }) => name);
  return names.length === 0 || random(2) === 0 ? {} : { 'sql.key.columns': names.join(',') };
}

async function makeTable(bed: SqlBed, any: AnySources, random: Random): Promise<Made> {
  for (;;) {
    tables += 1;
    const table = `any ${tables}`;
    const columns = Array.from({ length: 1 + random(5) }, (_, at): Named => {
      const column = any.anyColumn(random);
      return { ...column, name: oneOf(random, [`c${at}`, `C${at}`, `c ${at}`]), nullable: random(5) > 1 };
    });
    const parts = columns
      .filter(({ isKey, nullable }) => isKey && !nullable)
      .slice(0, oneOf(random, [0, 1, 1, 2, 3]));
    const key = parts.map(({ name }) => name).sort(() => random(3) - 1);
    const lines = [
      ...columns.map(
        ({ name, declared, nullable }) => `${bed.quote(name)} ${declared} ${nullable ? 'NULL' : 'NOT NULL'}`,
      ),
      ...(key.length === 0
        ? []
        : [`${oneOf(random, ['PRIMARY KEY', 'UNIQUE'])} (${key.map((part) => bed.quote(part)).join(', ')})`]),
    ];
    try {
      await bed.execute(`CREATE TABLE ${bed.quote(table)} (${lines.join(', ')}) ${any.options(random)}`);
    } catch {
      // Two things that do not go together: another one.
      continue;
    }
    await fill(bed, { table, columns }, random);
    return { table, columns, key, rows: await askRows(bed, table, columns) };
  }
}

async function fill(
  bed: SqlBed,
  { table, columns }: Pick<Made, 'table' | 'columns'>,
  random: Random,
): Promise<void> {
  for (let row = oneOf(random, [0, 1, 30, 30, 60]); row > 0; row -= 1) {
    const values = columns.map(({ value, nullable }) =>
      nullable && random(8) === 0 ? 'NULL' : value(random),
    );
    try {
      await bed.execute(`INSERT INTO ${bed.quote(table)} VALUES (${values.join(', ')})`);
    } catch {
      // A key that is there, or a value that the server refuses.
    }
  }
}

async function askRows(
  bed: SqlBed,
  table: string,
  columns: readonly Named[],
): Promise<readonly (readonly (string | null)[])[]> {
  const list = columns.map(({ name, say }) => say(bed.quote(name))).join(', ');
  const rows = await bed.ask(`SELECT ${list} FROM ${bed.quote(table)}`);
  return rows.map((row) =>
    row.map((hex, at) => {
      const rule = columns[at]?.rule ?? 'refused';
      if (hex === null) return 'NULL';
      return rule === 'refused' ? null : rule(Buffer.from(hex, 'hex'));
    }),
  );
}

/** Returns into how many ranges it was cut. `random` null: a query, which is not cut. */
async function readWhole(
  bed: SqlBed,
  made: Made,
  config: Record<string, string>,
  random: Random | null,
): Promise<number> {
  return withTask(bed, config, async (task) => {
    const whole = await task.plan({ base: null, mode: 'full', lagMs: 0 });
    const splits = random === null ? whole.splits : await cut(bed, made, random);
    const plan = { ...whole, splits };
    if (random !== null) {
      expect(whole.predicted).toEqual({ rows: made.rows.length, exact: true });
      expect([...whole.schema.key].sort()).toEqual([...made.key].sort());
    }
    const out = await readSplits(task, plan);
    expectRows(made, plan.schema, out, made.rows);
    return splits.length;
  });
}

async function readSplits(
  task: Parameters<Parameters<typeof withTask>[2]>[0],
  plan: SourcePlan,
): Promise<ByteCollector> {
  const out = new ByteCollector(plan.schema);
  for (const split of plan.splits) await task.readSplit({ plan, split, out, signal });
  return out;
}

/** As a plan does, into ranges of a few rows. */
async function cut(bed: SqlBed, { table, rows }: Made, random: Random): Promise<readonly string[]> {
  const { place: at, dialect } = bed;
  const server = dialect.locate(
    {
      url: at['connection.url'] ?? '',
      user: at['connection.user'] ?? '',
      password: at['connection.password'] ?? '',
      ca: null,
    },
    (key, reason) => {
      throw new Error(`${key}: ${reason}`);
    },
  );
  if (server === null) throw new Error('no server');
  const session = await server.open(signal);
  try {
    const place = { kind: 'table', namespace: server.namespace ?? '', table } as const;
    const found = await session.describe(place);
    if (found === null) throw new Error('no table');
    const all = { columns: [], keyColumns: [], deletes: 'ignore', name: table, server } as const;
    const { bounds } = chooseColumns(all, found);
    const ranges = await cutTable({
      ...{ session, place, bounds, clock: systemClock, limitMs: 60_000 },
      rows: rows.length,
      concurrency: 1 + random(16),
      leastRows: 1 + random(5),
    });
    return ranges.map(writeSplit);
  } finally {
    session.close();
  }
}

function expectRows(
  { columns }: Made,
  schema: RowSchema,
  out: ByteCollector,
  wanted: readonly (readonly (string | null)[])[],
): void {
  const canonical = (values: readonly (Buffer | null)[]): string =>
    values
      .map((value, at) => {
        if (value === null) return 'NULL';
        const { rule, canonical: own = rule } = columns[at] ?? { rule: 'refused' };
        return own === 'refused' ? 'refused' : (own(value) ?? `dirty ${value.toString('utf8')}`);
      })
      .join(' | ');
  const good = wanted.filter((row) => !row.includes(null)).map((row) => row.join(' | '));
  const bad = wanted.filter((row) => row.includes(null)).map((row) => columns[row.indexOf(null)]?.name ?? '');
  expect(out.found.map(canonical).sort()).toEqual(good.sort());
  expect(out.dirtyRows.map(({ field }) => field).sort()).toEqual(bad.sort());
  for (const values of out.found)
    for (const [at, value] of values.entries()) {
      const field = schema.fields[at];
      if (field === undefined) throw new Error('more values than fields');
      if (value === null) expect([field.name, field.optional]).toEqual([field.name, true]);
      else expect([field.name, misfit(field.type, value)]).toEqual([field.name, null]);
    }
}

/** Positions in time are exact between the years 1685 and 2255. */
const [firstMicros, lastMicros] = [-(2n ** 53n), 2n ** 53n];

/** Windows that lie end to end have every row between their edges once. false: no column of the table grows. */
async function readWindows(
  bed: SqlBed,
  made: Made,
  config: Record<string, string>,
  random: Random,
): Promise<boolean> {
  const at = made.columns.findIndex(({ grows }) => grows !== undefined);
  const column = made.columns[at];
  if (column?.grows === undefined) return false;
  const { grows, name } = column;
  const place = (row: readonly (string | null)[]): bigint | null => positionOf(row[at] ?? null, grows);
  const known = made.rows
    .map(place)
    .filter((each) => each !== null && (grows === 'number' || (each > firstMicros && each < lastMicros)));
  if (known.length === 0) return false;
  const edges = Array.from({ length: 4 }, () => known[random(known.length)] ?? 0n).sort((a, b) =>
    Number(a - b),
  );
  const mode =
    grows === 'number'
      ? { mode: 'incrementing', 'incrementing.column.name': name }
      : { mode: 'timestamp', 'timestamp.column.name': name };
  const growing = { ...config, ...mode, 'validate.non.null': 'false' };
  if (grows === 'number' && known.some((each) => (each ?? 0n) >= 10n ** 65n - 1n)) {
    // No increment can begin behind the greatest number: without a key the whole is refused, too, as it is read up to there.
    const planned = withTask(bed, growing, (task) => task.plan({ base: null, mode: 'full', lagMs: 0 }));
    const problem = await planned.then(
      () => null,
      (error: unknown) => String(error),
    );
    if (problem !== null) expect(problem).toContain('more than 65 digits');
    return false;
  }
  const { parts, schema } = await withTask(bed, growing, async (task) => {
    const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
    const found: ByteCollector[] = [];
    for (const [index, from] of edges.slice(0, -1).entries()) {
      const window = { from: textOf(from, grows), to: textOf(edges[index + 1] ?? from, grows) };
      found.push(await readSplits(task, { ...plan, window }));
    }
    return { parts: found, schema: plan.schema };
  });
  const all = new ByteCollector(schema);
  all.found.push(...parts.flatMap(({ found }) => found));
  const [first = 0n, last = 0n] = [edges[0], edges.at(-1)];
  const within = made.rows.filter((row) => {
    const position = place(row);
    return position !== null && position >= first && position < last && !row.includes(null);
  });
  expectRows(made, schema, all, within);
  return true;
}

/** A number, or microseconds since 1970, of canonical hex. */
function positionOf(hex: string | null, grows: 'number' | 'time'): bigint | null {
  if (hex === null || hex === 'NULL') return null;
  const text = Buffer.from(hex, 'hex').toString('utf8');
  if (grows === 'number') return BigInt(text);
  const [, day = '', clock = '00:00:00', fraction = ''] =
    /^(\S+)(?: (\d\d:\d\d:\d\d))?(?:\.(\d+))?$/.exec(text) ?? [];
  return BigInt(Date.parse(`${day}T${clock}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0'));
}

function textOf(position: bigint, grows: 'number' | 'time'): string {
  if (grows === 'number') return String(position);
  const [seconds, rest] = [position / 1_000_000n, position % 1_000_000n];
  const below = rest < 0n ? 1n : 0n;
  const shown = new Date(Number(seconds - below) * 1000).toISOString().slice(0, 19);
  return `${shown}.${String(rest + below * 1_000_000n).padStart(6, '0')}Z`;
}
