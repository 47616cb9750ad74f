// Tables that would store something else than what was said, or for another row: each row is written as it is, refused, or the run says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { RefusedRow, SinkStore } from '../../../src/core/connector/sink-store.ts';
import { batchOf, fieldOf, newTableName, openRun, pairs, pairsOf } from '../../conformance/sink-bed.ts';
import type { SinkBed } from '../../conformance/sink-bed.ts';
import { withUnitRun } from '../../../connectors/conformance/target/unit-run.ts';
import { openSqliteBed } from './sqlite-bed.ts';
import { english } from '../../support/english.ts';

type Rows = readonly (readonly (string | null)[])[];

let bed: SinkBed;
beforeAll(async () => {
  bed = await openSqliteBed();
});
afterAll(() => bed.close());

/** `ddl`: with {t} for the table's name. */
async function setup(
  ddl: readonly string[],
  options: { schema?: RowSchema; config?: ConnectorConfig } = {},
): Promise<{
  prepared: Awaited<ReturnType<SinkStore['prepareTable']>>;
  write: (rows: Rows) => Promise<readonly RefusedRow[]>;
  remove: (rows: Rows) => Promise<void>;
  read: (...columns: string[]) => Promise<Rows>;
}> {
  const table = newTableName();
  for (const sql of ddl) await bed.execute(sql.replaceAll('{t}', table));
  const { store, prepared } = await openRun(
    bed,
    bed.configOf(table, options.config),
    options.schema ?? pairs,
  );
  return {
    prepared,
    write: (rows) => store.transaction((tx) => tx.writeRows(batchOf(rows))),
    remove: (rows) => store.transaction((tx) => tx.deleteRows(batchOf(rows))),
    read: (...columns) => bed.readRows(table, columns),
  };
}

describe('what a column makes of a value', () => {
  it('ANY keeps text in a STRICT table only, so elsewhere text is refused there', async () => {
    await expect(setup(['CREATE TABLE {t} (id TEXT PRIMARY KEY, value ANY)'])).rejects.toMatchObject({
      code: 'TARGET_SCHEMA',
      field: 'value',
    });
    const strict = await setup(['CREATE TABLE {t} (id TEXT PRIMARY KEY, value ANY) STRICT']);
    expect(await strict.write([['a', '007']])).toEqual([]);
    expect(await strict.read('id', 'value')).toEqual([['a', '007']]);
  });

  it.each([
    ['FLOATING POINT', { kind: 'float64' }],
    ['CHARINT', { kind: 'string', length: 0 }],
    ['STRING', { kind: 'string', length: 0 }],
    ['DECIMAL(10,2)', { kind: 'decimal', precision: 10, scale: 2 }],
    ['REAL', { kind: 'int64' }],
    ['DATE', { kind: 'json' }],
  ] as const)('%s does not keep every value of %j', async (declared, type) => {
    await expect(
      setup([`CREATE TABLE {t} (id TEXT PRIMARY KEY, value ${declared})`], { schema: pairsOf(type) }),
    ).rejects.toMatchObject({ code: 'TARGET_SCHEMA', field: 'value' });
  });

  it('a BLOB of a STRICT table takes bytes only', async () => {
    const ddl = ['CREATE TABLE {t} (id TEXT PRIMARY KEY, value BLOB) STRICT'];
    await expect(setup(ddl)).rejects.toMatchObject({ code: 'TARGET_SCHEMA', field: 'value' });
    const { write } = await setup(ddl, { schema: pairsOf({ kind: 'bytes', length: 0 }) });
    expect(await write([['a', '\0']])).toEqual([]);
  });

  it('NULL into the row number is refused, not numbered', async () => {
    const { write, read } = await setup(
      ['CREATE TABLE {t} (id TEXT NOT NULL UNIQUE, value INTEGER PRIMARY KEY)'],
      {
        schema: pairsOf({ kind: 'int64' }),
      },
    );
    expect(
      await write([
        ['a', null],
        ['b', '7'],
      ]),
    ).toMatchObject([{ index: 0, field: 'value' }]);
    expect(await read('id', 'value')).toEqual([['b', '7']]);
  });

  it('a database of UTF-16 is refused: it turns some characters into others', async () => {
    const other = await openSqliteBed('UTF-16');
    await expect(openRun(other, other.configOf('orders'))).rejects.toThrow(/UTF-16/);
    await other.close();
  });
});

describe('conflict clauses of a table', () => {
  it('never replace a row or a value: what they would pass over is refused', async () => {
    const { write, read, prepared } = await setup([
      `CREATE TABLE {t} (id TEXT PRIMARY KEY ON CONFLICT REPLACE,
         value TEXT NOT NULL ON CONFLICT REPLACE DEFAULT 'other', UNIQUE (value) ON CONFLICT REPLACE)`,
    ]);
    expect(prepared.doubts).toEqual([]);
    await write([['a', '1']]);
    const refused = await write([
      ['b', '1'],
      ['c', null],
      ['a', null],
      ['a', '2'],
    ]);
    expect(refused.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(await read('id', 'value')).toEqual([['a', '2']]);
  });

  it('never drop a row that counts as written', async () => {
    const { write, read } = await setup([
      `CREATE TABLE {t} (id TEXT PRIMARY KEY ON CONFLICT IGNORE,
         value TEXT NOT NULL ON CONFLICT IGNORE UNIQUE ON CONFLICT IGNORE)`,
    ]);
    const refused = await write([
      ['a', '1'],
      ['b', '1'],
      ['c', null],
      ['a', '2'],
    ]);
    expect(refused.map(({ index }) => index)).toEqual([1, 2]);
    expect(await read('id', 'value')).toEqual([['a', '2']]);
  });

  it.each(['insert', 'update'])('hold for %s, too', async (mode) => {
    const { write, read } = await setup(
      [
        'CREATE TABLE {t} (id TEXT PRIMARY KEY ON CONFLICT REPLACE, value TEXT UNIQUE ON CONFLICT REPLACE)',
        "INSERT INTO {t} VALUES ('a', '1'), ('b', '2')",
      ],
      { config: { 'insert.mode': mode } },
    );
    expect(await write([[mode === 'insert' ? 'c' : 'b', '1']])).toHaveLength(1);
    expect(await read('id', 'value')).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });
});

describe('triggers and cascades', () => {
  it.each([
    'BEFORE INSERT ON {t} BEGIN SELECT RAISE(IGNORE); END',
    "AFTER INSERT ON {t} BEGIN UPDATE {t} SET value = 'other' WHERE id = new.id; END",
    'AFTER DELETE ON {t} BEGIN SELECT 1; END',
  ])('a trigger %s: the run is not proved, and names it', async (trigger) => {
    const { prepared } = await setup([
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT)',
      `CREATE TRIGGER trg_{t} ${trigger}`,
    ]);
    expect(prepared.doubts).not.toEqual([]);
    expect(english(prepared.doubts).join()).toContain('trg_');
  });

  it('a row that a trigger passes over does not count as written', async () => {
    const { write, read } = await setup([
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT)',
      "CREATE TRIGGER a_{t} BEFORE INSERT ON {t} WHEN new.id = 'x' BEGIN SELECT RAISE(IGNORE); END",
      "CREATE TRIGGER b_{t} BEFORE UPDATE ON {t} WHEN new.id = 'y' BEGIN SELECT RAISE(IGNORE); END",
    ]);
    const refused = await write([
      ['x', '1'],
      ['y', '1'],
      ['y', '2'],
      ['z', '1'],
    ]);
    expect(refused.map(({ index }) => index)).toEqual([0, 2]);
    expect(await read('id', 'value')).toEqual([
      ['y', '1'],
      ['z', '1'],
    ]);
  });

  it('a trigger that rolls the transaction back fails it, and what came before is not kept', async () => {
    const { write, read } = await setup([
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT)',
      "CREATE TRIGGER a_{t} BEFORE INSERT ON {t} WHEN new.id = 'x' BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
    ]);
    await expect(
      write([
        ['a', '1'],
        ['x', '1'],
        ['b', '1'],
      ]),
    ).rejects.toMatchObject({ code: 'TARGET_FAILED' });
    expect(await read('id')).toEqual([]);
  });

  it('rows that go or change with others of the same table make the run unproved; other references do not', async () => {
    const self = await setup([
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT REFERENCES {t} (id) ON DELETE CASCADE)',
    ]);
    expect(self.prepared.doubts).not.toEqual([]);
    const around = await setup([
      'CREATE TABLE o_{t} (a TEXT PRIMARY KEY, b TEXT REFERENCES {t} (id) ON DELETE CASCADE)',
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT REFERENCES o_{t} (a) ON DELETE SET NULL)',
    ]);
    expect(around.prepared.doubts).not.toEqual([]);
    const plain = await setup([
      'CREATE TABLE p_{t} (a TEXT PRIMARY KEY)',
      'CREATE TABLE {t} (id TEXT PRIMARY KEY, value TEXT REFERENCES p_{t} (a) ON DELETE CASCADE)',
      'CREATE TABLE c_{t} (a TEXT REFERENCES {t} (id) ON DELETE CASCADE)',
    ]);
    expect(plain.prepared.doubts).toEqual([]);
  });
});

describe('a key column that folds, under an index that does not', () => {
  const ddl = [
    'CREATE TABLE {t} (id TEXT COLLATE NOCASE, value TEXT)',
    'CREATE UNIQUE INDEX i_{t} ON {t} (id COLLATE BINARY)',
  ];

  it('a delete removes its own row only', async () => {
    const { write, remove, read } = await setup(ddl);
    await write([
      ['A', '1'],
      ['a', '2'],
    ]);
    await remove([['a', null]]);
    expect(await read('id', 'value')).toEqual([['A', '1']]);
  });

  it('an update changes its own row only', async () => {
    const { write, read } = await setup([...ddl, "INSERT INTO {t} VALUES ('A', '1')"], {
      config: { 'insert.mode': 'update' },
    });
    expect(await write([['a', '2']])).toHaveLength(1);
    expect(await write([['A', '3']])).toEqual([]);
    expect(await read('id', 'value')).toEqual([['A', '3']]);
  });

  it('an upsert finds its own row, also where a folding key stands beside: then keys may merge', async () => {
    await expect(setup([...ddl, 'CREATE UNIQUE INDEX j_{t} ON {t} (id)'])).rejects.toMatchObject({
      code: 'KEYS_MAY_MERGE',
    });
  });

  it('keys are compared byte for byte, and a NUL does not end one', async () => {
    const table = newTableName();
    for (const sql of ddl) await bed.execute(sql.replaceAll('{t}', table));
    const { store, key } = await openRun(bed, bed.configOf(table), {
      ...pairs,
      fields: [
        fieldOf('id', { kind: 'string', length: 0 }, false),
        pairs.fields[1] ?? fieldOf('value', { kind: 'json' }),
      ],
    });
    const keys = ['B', 'a', 'x', 'x\0y', 'x\0z'];
    await store.transaction((tx) => tx.writeRows(batchOf(keys.map((id) => [id, '1']))));
    await store.transaction(async (tx) => {
      const claim = { from: null, until: null, keys: batchOf([['B'], ['a'], ['x\0z']]) };
      for await (const page of tx.unclaimedKeys(claim)) await tx.setAside(key, 0, page);
      await tx.removeSetAside(key);
    });
    expect(await bed.readRows(table, ['id'])).toEqual([['a'], ['B'], ['x\0z']]);
    await store.close();
  });
});

describe('a trigger that comes between the look at the table and the plan', () => {
  it('leaves the run in doubt: the look did not see it', () =>
    withUnitRun(bed, async (run) => {
      await bed.execute(
        `CREATE TRIGGER ${run.table}_changes AFTER INSERT ON ${run.table} BEGIN UPDATE ${run.table} SET value = 'changed'; END`,
      );
      await run.begin();
      await run.rows({ a: '1' });
      await run.end();
      expect((await run.doubts()).join()).toContain('altered or made anew');
    }));
});
