// An SQL target for Syncline: STRICT tables of an SQLite file, by libsql. A session, a dialect, what a table looks like, and which column
// keeps which values; rows are written by Syncline's own statements.
import Database from 'libsql';
import {
  SyncError,
  config,
  defineSqlTarget,
  quoteIdentifier,
  readTableSink,
  retry,
  tableSinkKeys,
  text,
  validOf,
} from 'syncline/connector';

/** Waiting for the file's lock inside SQLite would block the thread of the one that holds it. */
const locking = { pauseMs: () => 5, withinMs: 10_000, isPassing: (error) => codeOf(error) === 'SQLITE_BUSY' };
const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
};

/** By turns at each file within this thread: without them one writer could keep the others waiting for ever. */
const turns = new Map();

/** Resolves when it is one's turn, which ends when what it gives is called. */
async function takeTurn(file) {
  const before = turns.get(file);
  let end;
  const mine = new Promise((ended) => {
    end = ended;
  });
  turns.set(
    file,
    Promise.resolve(before).then(() => mine),
  );
  await before;
  return end;
}

class Session {
  alive = true;
  #database;
  #file;
  #endTurn = () => undefined;

  constructor(file) {
    this.#file = file;
    try {
      this.#database = new Database(file, { timeout: 0 });
    } catch (cause) {
      throw new SyncError('TARGET_UNREACHABLE', { message: `opening ${file}: ${cause.message}`, cause });
    }
  }

  async begin() {
    this.#endTurn = await takeTurn(this.#file);
    await retry({ ...locking, clock }, async () => this.#database.exec('BEGIN IMMEDIATE')).catch(failed);
  }

  async commit() {
    await this.command('COMMIT');
    this.#endTurn();
  }

  async rollback() {
    await this.command('ROLLBACK');
    this.#endTurn();
  }

  async command(sql) {
    attempt(() => this.#database.exec(sql));
  }

  async read(sql, values = []) {
    return attempt(() => this.#database.prepare(sql).all(values.map(bound)).map(withBuffers));
  }

  async change(sql, values = []) {
    return attempt(() => this.#database.prepare(sql).run(values.map(bound)).changes);
  }

  destroy() {
    this.alive = false;
    this.#database.close();
    this.#endTurn();
  }
}

function attempt(act) {
  try {
    return act();
  } catch (cause) {
    return failed(cause);
  }
}

function failed(cause) {
  const retriable = ['SQLITE_BUSY', 'SQLITE_FULL', 'SQLITE_IOERR'].includes(codeOf(cause));
  throw new SyncError('TARGET_FAILED', { message: `using the file: ${cause.message}`, cause, retriable });
}

function codeOf(error) {
  return typeof error?.code === 'string' ? error.code : '';
}

/** The driver takes a number for a REAL. */
function bound(value) {
  return Number.isSafeInteger(value) ? BigInt(value) : value;
}

/** It gives a blob as an ArrayBuffer. */
function withBuffers(row) {
  const values = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof ArrayBuffer ? Buffer.from(value) : value,
  ]);
  return Object.fromEntries(values);
}

const dialect = {
  quote: quoteIdentifier,
  parameter: () => '?',
  // A transaction has the file's lock from its beginning.
  sharedLock: '',
  exclusiveLock: '',
  same: 'IS',
  keepExisting: 'ON CONFLICT DO NOTHING',
  addsOneByOne: true,
  // The driver ends a text at its first NUL, and rounds long numbers.
  readWhole: (column) => `typeof(${column}) || hex(${column})`,
  readBytes: (column) => `CAST(${column} AS BLOB)`,
  upsert: ({ key, rest }) => {
    const set = (rest.length > 0 ? rest : key).map((column) => `${column} = excluded.${column}`);
    return `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${set.join(', ')}`;
  },
  refusal: (error) => {
    const cause = error?.cause ?? error;
    if (!/^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG)|_3091$/.test(codeOf(cause))) return null;
    const [, column] = /(?:failed: |column )[^.\s]+\.([^,\s]+)/.exec(cause.message) ?? [];
    return { reason: cause.message, column, conflict: /^(UNIQUE|FOREIGN KEY)/.test(cause.message) };
  },
};

const storage = { bytes: 'BLOB', float32: 'REAL', float64: 'REAL', boolean: 'INTEGER' };

function typeOf({ type: { kind } }) {
  return storage[kind] ?? (kind.startsWith('int') ? 'INTEGER' : 'TEXT');
}

async function describeTable(session, { table }) {
  const [found] = await session.read(
    "SELECT type, strict FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE",
    [table],
  );
  if (found === undefined) return null;
  if (found.type !== 'table' || found.strict !== 1)
    throw new SyncError('TARGET_SCHEMA', { message: `${table} is no STRICT table; make it one` });
  const rows = await session.read(
    'SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)',
    [table],
  );
  const parts = await session.read(
    `SELECT list.name AS key, part.name AS column, part.coll AS collation
     FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS part
     WHERE list."unique" = 1 AND list.partial = 0 AND part.key = 1 ORDER BY list.seq, part.seqno`,
    [table],
  );
  const folded = new Set(parts.filter(({ collation }) => collation !== 'BINARY').map(({ column }) => column));
  const primaryKey = rows.filter(({ pk }) => pk > 0).map(({ name }) => name);
  const keys = new Map();
  for (const { key, column } of parts) keys.set(key, [...(keys.get(key) ?? []), column ?? '']);
  const isNumber = primaryKey.length === 1 && rows.find(({ pk }) => pk > 0)?.type === 'INTEGER';
  const triggers = await session.read(
    "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
    [table],
  );
  return {
    columns: rows.map(({ name, type, notnull, dflt_value, hidden }) => ({
      name,
      declared: type,
      nullable: notnull === 0,
      optional: notnull === 0 || dflt_value !== null || hidden >= 2,
      generated: hidden >= 2,
      // 0 and -0 are one REAL.
      ...(type === 'REAL' || folded.has(name) ? {} : { compares: type === 'INTEGER' ? 'values' : 'bytes' }),
    })),
    primaryKey,
    uniqueKeys: [
      ...(isNumber ? [{ name: 'rowid', columns: primaryKey }] : []),
      ...[...keys].map(([name, columns]) => ({ name, columns: columns.includes('') ? [] : columns })),
    ],
    doubts: triggers.map(({ name }) => ({
      en: `trigger ${name} may change or drop rows`,
      zh: `触发器 ${name} 可能改变或丢弃行`,
    })),
    hangsOn: triggers.length > 0,
  };
}

export default defineSqlTarget({
  className: 'example.LibsqlTarget',
  version: '1.0.0',
  config: config(
    {
      file: text('libsql.file', {
        importance: 'HIGH',
        doc: { en: 'Path of the SQLite file.', zh: 'SQLite 文件的路径。' },
      }),
      ...tableSinkKeys,
    },
    ({ file, ...keys }, refuse) => {
      const { database, ...table } = readTableSink(keys, refuse);
      if (database !== null) refuse('table.name.format', 'an SQLite file has no databases');
      return { ...table, schema: null, file };
    },
  ),
  place: ({ file, table }) => [file, table.toLowerCase()],
  dialect,
  ledgerTables: {
    columns: () => ({
      key: 'TEXT',
      text: 'TEXT',
      integer: 'INTEGER',
      createdAt: 'TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP',
    }),
    attributes: 'STRICT',
  },
  connect: async ({ file }) => new Session(file),
  describeTable,
  typeOf,
  fits: (field, { declared }) =>
    declared === typeOf(field) ? { checks: [validOf(field)], doubts: [] } : null,
  tableAttributes: 'STRICT',
  nameInLedger: (_, { table }) => table.toLowerCase(),
});
