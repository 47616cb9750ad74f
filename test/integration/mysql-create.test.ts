// auto.create on a real MariaDB: a table is made that takes the rows, or the reason is said before the server is asked.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SyncError } from '../../src/core/errors.ts';
import type { Field, FieldType, RowSchema } from '../../src/core/connector/field-type.ts';
import { batchOf, fieldOf, newTableName, noSignal, openRun, pairs } from '../conformance/sink-bed.ts';
import { openMysqlBed, type MysqlBed } from '../support/mysql-bed.ts';
import { createRandom } from '../support/random.ts';
import { failureOf } from '../support/sync-failure.ts';

const stack = inject('stack');

describe.skipIf(stack === null)('a table that the MySQL sink makes', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack === null) throw new Error('there is no stack');
    bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const id = fieldOf('id', { kind: 'string', length: 32 }, false);
  const many = (count: number, type: FieldType): readonly Field[] =>
    Array.from({ length: count }, (_, at) => fieldOf(`c${at}`, type));
  const written = async (schema: RowSchema, row: readonly (string | null)[]): Promise<string> => {
    const table = newTableName();
    const { store } = await openRun(bed, bed.configOf(table), schema);
    try {
      expect(await store.transaction((tx) => tx.writeRows(batchOf([row])))).toEqual([]);
      return table;
    } finally {
      await store.close();
    }
  };
  const typesOf = async (table: string): Promise<readonly string[]> => {
    const [rows] = await bed.root.query(
      'SELECT column_type AS type FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position',
      [bed.database, table],
    );
    return (rows as { type: string }[]).map((row) => row.type);
  };

  it('has as many short columns as half a page has room for, the others are longer (case F8)', async () => {
    const fields = [id, ...many(45, { kind: 'string', length: 50 })];
    const table = await written({ fields, key: ['id'] }, [
      'r1',
      ...new Array<string>(45).fill('中'.repeat(50)),
    ]);
    const types = await typesOf(table);
    expect(types.slice(0, 2)).toEqual(['varchar(32)', 'varchar(50)']);
    expect(types.at(-1)).toBe('varchar(64)');
  });

  it('has a thousand columns of numbers and times: each takes no more than its bytes of a page', async () => {
    const kinds = [
      ...many(800, { kind: 'int32' }),
      ...many(100, { kind: 'float32' }),
      ...many(50, { kind: 'date' }),
      ...many(49, { kind: 'time', precision: 6 }),
    ].map(({ type }, at) => fieldOf(`c${at}`, type));
    const values = kinds.map(({ type }) =>
      type.kind === 'date' ? '2026-01-01' : type.kind === 'time' ? '23:59:59.999999' : '-1',
    );
    const table = await written({ fields: [id, ...kinds], key: ['id'] }, ['r1', ...values]);
    expect(await typesOf(table)).toHaveLength(1_000);
  });

  it('is known again until somebody alters it, makes it anew or puts a copy in its place', async () => {
    const fields = [id, fieldOf('v', { kind: 'string', length: 8 })];
    const schema = { fields, key: ['id'] };
    const table = newTableName();
    const { store } = await openRun(bed, bed.configOf(table), schema);
    const seen = async () => {
      await store.prepareTable(schema);
      return store.transaction(async (tx) => tx.markTable?.());
    };
    try {
      const first = await seen();
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'long']])));
      await bed.root.query(`ANALYZE TABLE ${table}`);
      expect(await seen()).toBe(first);
      await bed.root.query(`ALTER TABLE ${table} MODIFY v VARCHAR(4)`);
      const altered = await seen();
      expect(altered).not.toBe(first);
      await bed.root.query(`CREATE TABLE copy_${table} AS SELECT * FROM ${table}`);
      await bed.root.query(`ALTER TABLE copy_${table} ADD PRIMARY KEY (id)`);
      await bed.root.query(`DROP TABLE ${table}`);
      await bed.root.query(`RENAME TABLE copy_${table} TO ${table}`);
      expect(await seen()).not.toBe(altered);
      const copied = await seen();
      const [[made]] = (await bed.root.query(`SHOW CREATE TABLE ${table}`)) as unknown as [
        Record<string, string>[],
      ];
      await bed.root.query(`DROP TABLE ${table}`);
      await bed.root.query(made?.['Create Table'] ?? '');
      expect(await seen()).not.toBe(copied);
    } finally {
      await store.close();
    }
  });

  it.each(['true', 'false'])(
    'is not foreseen in a database that does not exist (auto.create=%s)',
    async (create) => {
      const { rootUser, rootPassword, host, port } = bed.endpoint;
      const config = {
        ...bed.configOf(newTableName(), { 'auto.create': create }),
        'connection.url': `jdbc:mysql://${host}:${port}/${bed.database}_missing`,
        'connection.user': rootUser,
        'connection.password': rootPassword,
      };
      const steps = await bed.plugin.testConnection(config, noSignal);
      const failed = steps.filter(({ ok }) => !ok);
      expect(failed.map(({ name }) => name)).toContain('table');
      for (const { detail } of failed) {
        expect(detail).toContain(`the database ${bed.database}_missing does not exist`);
        expect(detail).toContain(`CREATE DATABASE \`${bed.database}_missing\`;`);
        expect(detail).not.toContain('auto.create');
      }
      const store = await bed.plugin.openStore(config, noSignal);
      await expect(store.prepareTable(pairs)).rejects.toMatchObject({ code: 'TARGET_SCHEMA' });
      await store.close();
    },
  );

  it('is another one after a TRUNCATE, where the user may see it', async () => {
    if (stack === null) throw new Error('no stack');
    const seeing = await openMysqlBed(stack.mariadb);
    await seeing.root.query(`GRANT PROCESS ON *.* TO '${seeing.user}'@'127.0.0.1'`);
    const table = newTableName();
    const { store } = await openRun(seeing, seeing.configOf(table));
    const seen = async () => (await store.prepareTable(pairs)).mark;
    try {
      const first = await seen();
      await store.transaction((tx) => tx.writeRows(batchOf([['a', 'x']])));
      expect(await seen()).toBe(first);
      await seeing.root.query(`TRUNCATE ${table}`);
      await seeing.root.query(`INSERT INTO ${table} VALUES ('a', 'x')`);
      expect(await seen()).not.toBe(first);
    } finally {
      await store.close();
      await seeing.close();
    }
  });

  it('has a key of several texts without a length', async () => {
    const keys = ['a', 'b', 'c', 'd'];
    const fields = keys.map((name) => fieldOf(name, { kind: 'string', length: 0 }, false));
    const table = await written({ fields, key: keys }, keys);
    expect(await typesOf(table)).toEqual(new Array<string>(4).fill('varchar(192)'));
  });

  it.each<[string, RowSchema, string]>([
    ['columns', { fields: [id, ...many(1017, { kind: 'int8' })], key: ['id'] }, '1018 columns are too many'],
    [
      'columns of text',
      { fields: [id, ...many(250, { kind: 'json' })], key: ['id'] },
      'bytes of a page at least',
    ],
    [
      'bytes in its key',
      { fields: [fieldOf('id', { kind: 'string', length: 800 }, false)], key: ['id'] },
      'its key (id) would have 3200 bytes, InnoDB allows 3072',
    ],
    [
      'JSON in its key',
      { fields: [fieldOf('id', { kind: 'json' }, false)], key: ['id'] },
      "json, which can't be a key",
    ],
  ])('is refused in words when it would have too many %s', async (_, schema, words) => {
    const store = await bed.plugin.openStore(bed.configOf(newTableName()), new AbortController().signal);
    const failure = await failureOf(store.prepareTable(schema));
    await store.close();
    expect(failure.code).toBe('TARGET_SCHEMA');
    expect(failure.message).toContain(words);
  });

  it('is made, or refused by us, whatever the fields are', async () => {
    const random = createRandom(20_241_130);
    const typeOf = (): FieldType =>
      (
        [
          { kind: 'string', length: 1 + random(100) },
          { kind: 'string', length: random(20_000) },
          { kind: 'bytes', length: random(400) },
          { kind: 'json' },
          { kind: 'decimal', precision: 65, scale: 38 },
          { kind: 'timestamp', precision: 6 },
          { kind: 'int64' },
        ] as const
      )[random(7)] ?? { kind: 'json' };
    let made = 0;
    for (let round = 0; round < 30; round += 1) {
      const keys = Array.from({ length: 1 + random(3) }, (_, at) => fieldOf(`k${at}`, typeOf(), false));
      const uniform = typeOf();
      const rest = Array.from({ length: random(random(2) === 0 ? 30 : 250) }, (_, at) =>
        fieldOf(`c${at}`, random(3) === 0 ? typeOf() : uniform),
      );
      const store = await bed.plugin.openStore(bed.configOf(newTableName()), new AbortController().signal);
      try {
        await store.prepareTable({ fields: [...keys, ...rest], key: keys.map(({ name }) => name) });
        made += 1;
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        expect(error.message).toMatch(/^creating /);
      } finally {
        await store.close();
      }
    }
    expect(made).toBeGreaterThan(8);
  });
});
