// An SQLite file that is read: one connection, whose transaction is the view. The driver is synchronous, so rows come some thousands at a
// time, and the loop runs between.
import { isUtf8 } from 'node:buffer';
import { systemClock } from '../../../src/core/clock.ts';
import type {
  FoundTable,
  OpenTransactions,
  ReadPlace,
  ServerZone,
  RowReading,
  SourceSession,
} from '../../sql/source/dialect.ts';
import type { ValueForm } from '../../sql/source/row-writer.ts';
import { SqliteDatabase } from '../database.ts';
import { describeQuery, describeTable } from './describe.ts';
import { toSourceError } from './errors.ts';
import type { SqliteQueries, TextRow } from './queries.ts';
import { sqliteWords } from './words.ts';

const rowsAtOnce = 2_000;
export type RawValue = string | number | bigint | Buffer | null;

export async function openSqliteSession(
  path: string,
  file: string,
  signal: AbortSignal,
): Promise<SourceSession> {
  try {
    return new SqliteSourceSession(await SqliteDatabase.openToRead(path, file, signal));
  } catch (error) {
    throw toSourceError(error);
  }
}

export class SqliteSourceSession implements SourceSession, SqliteQueries {
  readonly words = sqliteWords;
  readonly #database: SqliteDatabase;
  #isClosed = false;

  constructor(database: SqliteDatabase) {
    this.#database = database;
  }

  read(sql: string): Promise<readonly TextRow[]> {
    return Promise.resolve([...this.rows(sql)].map((row) => row.map(textOf)));
  }

  /** Throws SOURCE_*. */
  *rows(sql: string): Generator<readonly RawValue[]> {
    try {
      yield* this.#database.iterate(sql) as Iterable<readonly RawValue[]>;
    } catch (error) {
      throw toSourceError(error);
    }
  }

  columnsOf(sql: string): readonly { readonly name: string; readonly type: string | null }[] {
    try {
      return this.#database.columnsOf(sql);
    } catch (error) {
      throw toSourceError(error);
    }
  }

  describe(place: ReadPlace): Promise<FoundTable | null> {
    return place.kind === 'table'
      ? describeTable(this, place)
      : Promise.resolve(describeQuery(this, place.sql));
  }

  /** SQLite keeps no counts. */
  estimate(): Promise<null> {
    return Promise.resolve(null);
  }

  now(): ReturnType<SourceSession['now']> {
    return Promise.resolve({ micros: systemClock.now() * 1000, notes: [] });
  }

  /** CURRENT_TIMESTAMP and its functions of time give UTC. */
  zones(): Promise<readonly ServerZone[]> {
    return Promise.resolve([{ name: 'UTC', offset: 0, of: null }]);
  }

  openTransactions(): Promise<OpenTransactions> {
    return Promise.resolve({ kind: 'unknown', reason: hidden });
  }

  /** The file was opened with one, and there is one session. */
  beginView(): Promise<null> {
    return Promise.resolve(null);
  }

  endView(): Promise<void> {
    return Promise.resolve();
  }

  holdTable(): Promise<void> {
    return Promise.resolve();
  }

  async stream(sql: string, { writer, forms, drained }: RowReading): Promise<void> {
    let waiting = 0;
    for (const row of this.rows(sql)) {
      for (const [index, value] of row.entries()) writeValue(writer, value, forms[index] ?? 'text');
      writer.endRow();
      waiting += 1;
      if (waiting < rowsAtOnce) continue;
      waiting = 0;
      await drained();
      if (this.#isClosed) throw toSourceError(new Error('the connection was closed'));
    }
    await drained();
  }

  listNamespaces(): Promise<readonly string[]> {
    return Promise.resolve(['main']);
  }

  async listTables(): Promise<readonly string[]> {
    const rows = await this.read(
      `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1`,
    );
    return rows.map(([name]) => name ?? '');
  }

  close(): void {
    this.#isClosed = true;
    this.#database.close();
  }
}

function textOf(value: RawValue): string | null {
  if (value === null) return null;
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

/** Text comes as bytes, other classes than the column is for as the words of column-type.ts. */
function writeValue(writer: RowReading['writer'], value: RawValue, form: ValueForm): void {
  if (value === null) writer.null();
  else if (Buffer.isBuffer(value)) {
    const problem = problemOf(value, form);
    if (problem === null) writer.value(value, 0, value.length);
    else writer.refused(problem, value);
  } else if (typeof value === 'string') writer.refused(`it is ${value}, not ${classOf(form)}`);
  else if (form === 'bytes') writer.refused('it is a number, not a blob');
  else if (typeof value === 'number' && form === 'plain') writer.refused(`${value} is no whole number`);
  else {
    const text = Buffer.from(digitsOf(value, form), 'latin1');
    writer.value(text, 0, text.length);
  }
}

function problemOf(bytes: Buffer, form: ValueForm): string | null {
  if (form === 'bytes') return null;
  if (!isUtf8(bytes)) return 'the text is not valid utf-8';
  return isNumber(form) ? `'${bytes.toString('utf8').slice(0, 100)}' is text, not a number` : null;
}

function isNumber(form: ValueForm): boolean {
  return form === 'plain' || form === 'float64' || form === 'boolean';
}

function classOf(form: ValueForm): string {
  return form === 'bytes' ? 'a blob' : isNumber(form) ? 'a number' : 'text';
}

/** A decimal has no exponent: the point is moved instead. */
function digitsOf(value: number | bigint, form: ValueForm): string {
  const text = String(value);
  const [, sign = '', whole = '', behind = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (form !== 'decimal' || exponent === undefined) return text;
  const point = whole.length + Number(exponent);
  const digits = `${whole}${behind}`;
  return point > 0 ? `${sign}${digits.padEnd(point, '0')}` : `${sign}0.${'0'.repeat(-point)}${digits}`;
}

const hidden = {
  en: 'SQLite does not tell when a writer began: the lag must exceed the longest transaction',
  zh: 'SQLite 不提供写事务的开始时间：延迟（lag）必须大于最长的事务',
};
