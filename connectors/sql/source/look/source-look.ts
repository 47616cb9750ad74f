// Looking into an SQL database for the wizard: every call is bounded in time, and reads some hundred rows at most.
import type { ConnectorConfig } from '../../../../src/core/connector/config-def.ts';
import type { Config } from '../../../../src/core/connector/config.ts';
import { config, readOrThrow } from '../../../../src/core/connector/config.ts';
import type {
  ColumnsLook,
  MappingLook,
  PartsLook,
  RowLook,
  SourceLook,
  TablePlace,
  ValueGuess,
} from '../../../../src/core/connector/source-look.ts';
import { SyncError } from '../../../../src/core/errors.ts';
import { locate, sqlSourceConfig } from '../config.ts';
import { connectionKeys } from '../config-keys.ts';
import type {
  FoundTable,
  ReadPlace,
  SourceColumn,
  SourceSession,
  SqlDialect,
  SqlServer,
} from '../dialect.ts';
import { chooseColumns } from '../row-columns.ts';
import { findGrowing } from '../increments/increments.ts';
import { describeOrThrow } from '../views.ts';
import { fieldTypeText } from './field-type-text.ts';
import { testRows } from './test-rows.ts';

const maxValueChars = 200;

/** Only the keys that say where the server is are read, but for `testMapping`. Throws BAD_INPUT naming the key. */
export function openSourceLook(
  dialects: readonly SqlDialect[],
  flat: ConnectorConfig,
  signal: AbortSignal,
): SourceLook {
  const server = readOrThrow(serverConfig(dialects), flat);
  const look = new SqlLook(server, signal);
  return {
    listNamespaces: () => look.use((session) => session.listNamespaces()),
    listTables: (namespace) => look.listTables(namespace),
    listParts: (place) => look.listParts(place),
    sampleColumns: (place, rows) => look.sampleColumns(place, rows),
    sampleRows: (place, rows) => look.sampleRows(place, rows),
    testMapping: (full, rows) => look.testMapping(dialects, full, rows),
    close: () => look.close(),
  };
}

function serverConfig(dialects: readonly SqlDialect[]): Config<SqlServer> {
  return config(connectionKeys, (values, refuse) => locate(dialects, values, refuse));
}

class SqlLook {
  readonly #server: SqlServer;
  readonly #signal: AbortSignal;
  #session: Promise<SourceSession> | null = null;

  constructor(server: SqlServer, signal: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  async use<T>(work: (session: SourceSession) => Promise<T>): Promise<T> {
    try {
      this.#session ??= this.#server.open(this.#signal);
      return await work(await this.#session);
    } catch (cause) {
      if (this.#signal.aborted)
        throw new SyncError('SOURCE_UNREACHABLE', {
          message: 'looking into the database: no answer in time',
          cause,
        });
      throw cause;
    }
  }

  async listTables(given: string | null): Promise<readonly string[]> {
    const namespace = this.#namespaceOr(given);
    return this.use((session) => session.listTables(namespace));
  }

  /** Where it keeps its rows in pieces, a server does not say in one way: one part, the whole. */
  async listParts(place: TablePlace): Promise<PartsLook> {
    await this.#describe(place);
    const whole = { startKey: '', endKey: '', server: this.#server.address, sizeMegabytes: null };
    return { total: 1, parts: [whole] };
  }

  async sampleColumns(place: TablePlace, limit: number): Promise<ColumnsLook> {
    const found = await this.#describe(place);
    const rows = await this.#sample(place, found.columns, limit);
    const guesses = found.columns.map((column, index) => {
      const values = rows.map((row) => row[index] ?? null).filter((value) => value !== null);
      const coverage = rows.length === 0 ? 0 : values.length / rows.length;
      return { column: column.name, coverage, guess: guessOf(column, values[0] ?? '') };
    });
    return {
      sampledRows: rows.length,
      whole: rows.length < limit,
      key: keyGuess(found, rows[0] ?? []),
      columns: guesses,
    };
  }

  async sampleRows(place: TablePlace, limit: number): Promise<readonly RowLook[]> {
    const { columns, key } = await this.#describe(place);
    const rows = await this.#sample(place, columns, limit);
    return rows.map((row) => ({
      key: key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? '').join(', '),
      cells: columns.flatMap(({ name }, index) => {
        const value = row[index] ?? null;
        if (value === null) return [];
        return [
          {
            column: name,
            timestamp: null,
            value: value.slice(0, maxValueChars),
            bytes: Buffer.byteLength(value),
          },
        ];
      }),
    }));
  }

  async testMapping(
    dialects: readonly SqlDialect[],
    flat: ConnectorConfig,
    limit: number,
  ): Promise<MappingLook> {
    const reading = sqlSourceConfig(dialects).read(flat);
    if ('problems' in reading)
      return {
        problems: reading.problems.map(({ key, message }) => `${key}: ${message}`),
        notes: [],
        rows: [],
      };
    return this.use(async (session) => {
      const found = await describeOrThrow(session, reading.value);
      try {
        const rows = chooseColumns(reading.value, found);
        findGrowing(reading.value, found);
        return {
          problems: [],
          notes: found.notes,
          rows: await testRows(session, reading.value, { rows, limit }),
        };
      } catch (error) {
        if (!(error instanceof SyncError) || !['SOURCE_SCHEMA', 'BAD_INPUT'].includes(error.code))
          throw error;
        return { problems: [error.message], notes: [], rows: [] };
      }
    });
  }

  async close(): Promise<void> {
    const session = await this.#session?.catch(() => null);
    session?.close();
  }

  #namespaceOr(given: string | null): string {
    const namespace = given ?? this.#server.namespace;
    if (namespace !== null) return namespace;
    throw new SyncError('BAD_INPUT', {
      message:
        'looking into the database: connection.url names none; name it there, or give it as the namespace',
      field: 'namespace',
    });
  }

  async #describe({ namespace: given, table }: TablePlace): Promise<FoundTable> {
    const namespace = this.#namespaceOr(given);
    return this.use(async (session) => {
      const found = await session.describe({ kind: 'table', namespace, table });
      if (found !== null) return found;
      throw new SyncError('NOT_FOUND', {
        message: `looking into ${namespace}.${table}: there is no such table, or this user may not read it`,
      });
    });
  }

  #sample(
    { namespace: given, table }: TablePlace,
    columns: readonly SourceColumn[],
    limit: number,
  ): Promise<readonly (readonly (string | null)[])[]> {
    const place: ReadPlace = { kind: 'table', namespace: this.#namespaceOr(given), table };
    return this.use((session) => {
      const { words } = session;
      const list = columns.map((column) => {
        const name = words.quote(column.name);
        if (typeof column.type === 'string') return 'NULL';
        return column.form === 'bytes' ? words.hex(name) : column.read(name);
      });
      return session.read(`SELECT ${list.join(', ')} FROM ${words.from(place)} LIMIT ${limit}`);
    });
  }
}

/** A declared type is no guess, but what it becomes is. */
function guessOf(column: SourceColumn, example: string): ValueGuess {
  const { type, declared } = column;
  const readable = typeof type !== 'string';
  return {
    guessed: true,
    sure: readable ? 'likely' : 'open',
    encoding: column.form === 'bytes' ? 'bytes' : 'text',
    fieldType: readable ? fieldTypeText(type) : '',
    reason: readable
      ? { en: `declared as ${declared}`, zh: `声明为 ${declared}` }
      : { en: type, zh: `类型为 ${declared} 的列无法读取` },
    example: example.slice(0, maxValueChars),
    alternatives: [],
  };
}

function keyGuess({ columns, key }: FoundTable, row: readonly (string | null)[]): ValueGuess {
  const parts = key.map((name) => columns.findIndex((column) => column.name === name));
  const example = parts.map((index) => row[index] ?? '').join(', ');
  const types = parts
    .map((index) => columns[index]?.type)
    .filter((type) => type !== undefined && typeof type !== 'string');
  return {
    guessed: true,
    sure: key.length === 0 ? 'open' : 'likely',
    encoding: 'text',
    fieldType: types.map((type) => fieldTypeText(type)).join(', '),
    reason:
      key.length === 0
        ? {
            en: 'it has no primary key: name columns in sql.key.columns',
            zh: '没有主键：请在 sql.key.columns 中指定列',
          }
        : { en: `the key is ${key.join(', ')}`, zh: `主键为 ${key.join(', ')}` },
    example,
    alternatives: [],
  };
}
