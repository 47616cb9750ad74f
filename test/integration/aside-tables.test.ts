// What stands around a target that is replaced (write.mode=0): kept where the server can, else refused in words before anything is made.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openAsideRun } from '../support/aside-run.ts';
import { newTableName, noSignal, pairs, type SinkBed } from '../conformance/sink-bed.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { openPostgresBed } from '../support/postgresql-bed.ts';
import type { PostgresBed } from '../support/postgresql-bed.ts';
import { failureOf } from '../support/sync-failure.ts';

const stack = inject('stack');

async function replace(bed: SinkBed, table: string, taskId: string): Promise<void> {
  const config = bed.configOf(table, { 'write.mode': '0' });
  const run = await openAsideRun({ plugin: bed.plugin, config, job: `job of ${table}`, taskId });
  try {
    await run.load([['a', taskId]]);
    await run.end();
  } finally {
    await run.close();
  }
}

/** By a run, and by the check in its step for the swap. */
async function expectRefused(
  bed: SinkBed,
  table: string,
  why: RegExp,
  code = 'TARGET_SCHEMA',
): Promise<void> {
  const before = await bed.footprint();
  const config = bed.configOf(table, { 'write.mode': '0' });
  const steps = await bed.plugin.testConnection(config, noSignal, pairs);
  const step = steps.find(({ name }) => name === 'swap');
  expect([table, step?.ok, step?.code]).toEqual([table, false, code]);
  expect(step?.detail).toMatch(why);
  expect(await bed.footprint()).toEqual(before);
  const error = await failureOf(replace(bed, table, 'refused'));
  expect([table, error.code]).toEqual([table, code]);
  expect(error.message).toMatch(why);
}

describe.skipIf(stack === null)('what stands around a replaced table in MariaDB', () => {
  let bed: MysqlBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openMysqlBed(stack.mariadb);
  });
  afterAll(() => bed.close());

  const make = async (more = ''): Promise<string> => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(64) DEFAULT 'none'${more}) ENGINE=InnoDB`,
    );
    return table;
  };

  it('columns with defaults, indexes, checks, partitions, comments and views stay', async () => {
    const table = await make(`, more INT DEFAULT 7 COMMENT 'seven', twice INT AS (more * 2) VIRTUAL,
      KEY by_value (value), CONSTRAINT small CHECK (more < 10)`);
    await bed.execute(`ALTER TABLE ${table} COMMENT 'of the suite' PARTITION BY KEY (id) PARTITIONS 3`);
    await bed.execute(`CREATE VIEW v_${table} AS SELECT id, value, twice FROM ${table}`);
    const [before] = await bed.root.query(`SHOW CREATE TABLE ${table}`);
    await replace(bed, table, 'one');
    await replace(bed, table, 'two');
    expect((await bed.root.query(`SHOW CREATE TABLE ${table}`))[0]).toEqual(before);
    expect(await bed.readRows(`v_${table}`, ['id', 'value', 'twice'])).toEqual([['a', 'two', '14']]);
  });

  it('triggers, and foreign keys to it and of its own, are refused', async () => {
    const [parent, child, fired] = [await make(), await make(), await make()];
    await bed.execute(
      `ALTER TABLE ${child} ADD CONSTRAINT to_parent FOREIGN KEY (id) REFERENCES ${parent} (id)`,
    );
    await bed.execute(`CREATE TRIGGER fires_${fired} AFTER INSERT ON ${fired} FOR EACH ROW SET @seen = 1`);
    await expectRefused(bed, parent, /foreign key to_parent of .* points at it/);
    await expectRefused(bed, child, /its foreign key to_parent would be gone/);
    await expectRefused(bed, fired, /trigger fires_.* would be gone/);
  });

  it('a user who may not drop tables is refused with the GRANT', async () => {
    const table = await make();
    const scope = `\`${bed.database.replaceAll('_', '\\_')}\`.*`;
    await bed.root.query(`REVOKE DROP, ALTER ON ${scope} FROM '${bed.user}'@'127.0.0.1'`);
    try {
      await expectRefused(
        bed,
        table,
        /lacks DROP, ALTER there\. .*GRANT .*DROP, ALTER.* ON/,
        'TARGET_DENIED',
      );
    } finally {
      await bed.root.query(`GRANT DROP, ALTER ON ${scope} TO '${bed.user}'@'127.0.0.1'`);
    }
  });
});

describe.skipIf(stack === null)('what stands around a replaced table in PostgreSQL', () => {
  let bed: PostgresBed;
  beforeAll(async () => {
    if (stack !== null) bed = await openPostgresBed(stack.postgresql);
  });
  afterAll(() => bed.close());

  const make = async (more = ''): Promise<string> => {
    const table = newTableName();
    await bed.execute(
      `CREATE TABLE ${table} (id ${bed.exactKey} PRIMARY KEY, value VARCHAR(64) DEFAULT 'none'${more});
       ALTER TABLE ${table} OWNER TO ${bed.user}`,
    );
    return table;
  };

  const rowsOf = async (sql: string): Promise<unknown> => (await bed.root.query(sql)).rows;

  const describeTable = async (table: string): Promise<unknown> => ({
    columns: await rowsOf(
      `SELECT column_name, data_type, column_default, is_nullable, is_identity FROM information_schema.columns WHERE table_name = '${table}' ORDER BY 1`,
    ),
    indexes: await rowsOf(
      `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '${table}' ORDER BY 1`,
    ),
    constraints: await rowsOf(
      `SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '${table}'::regclass ORDER BY 1`,
    ),
    rights: await rowsOf(
      `SELECT r::text AS entry FROM pg_class, unnest(relacl) r WHERE oid = '${table}'::regclass UNION ALL
       SELECT attname || ' ' || attacl::text FROM pg_attribute WHERE attrelid = '${table}'::regclass AND attacl IS NOT NULL ORDER BY 1`,
    ),
    rest: await rowsOf(
      `SELECT pg_get_userbyid(relowner), reloptions, obj_description(oid) FROM pg_class WHERE oid = '${table}'::regclass`,
    ),
  });

  it('owner, grants, indexes and constraints by their names, sequences, settings and comments stay', async () => {
    const parent = await make();
    const table =
      await make(`, number SERIAL, turn INT GENERATED BY DEFAULT AS IDENTITY, more INT DEFAULT 7 CHECK (more < 10),
      refers VARCHAR(32) CONSTRAINT to_parent REFERENCES ${parent} (id), UNIQUE (value, id)`);
    const reader = `reader_${table}`;
    await bed.execute(`CREATE ROLE ${reader}; CREATE INDEX by_value_${table} ON ${table} (value) WHERE more > 3;
      GRANT SELECT ON ${table} TO ${reader}; GRANT UPDATE (value) ON ${table} TO ${reader} WITH GRANT OPTION;
      COMMENT ON TABLE ${table} IS 'it''s of the suite'; ALTER TABLE ${table} SET (fillfactor = 70);
      SELECT setval('${table}_number_seq', 500); SELECT setval('${table}_turn_seq', 900);
      ALTER DEFAULT PRIVILEGES FOR ROLE ${bed.user} GRANT ALL ON TABLES TO ${reader}`);
    try {
      const before = await describeTable(table);
      await replace(bed, table, 'one');
      await replace(bed, table, 'two');
      expect(await describeTable(table)).toEqual(before);
      expect(await bed.readRows(table, ['id', 'value', 'number', 'turn'])).toEqual([
        ['a', 'two', '502', '902'],
      ]);
      await bed.execute(`INSERT INTO ${table} (id) VALUES ('b')`);
      expect(await bed.readRows(table, ['id', 'number', 'turn'])).toContainEqual(['b', '503', '903']);
    } finally {
      await bed.execute(
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${bed.user} REVOKE ALL ON TABLES FROM ${reader}; DROP OWNED BY ${reader}; DROP ROLE ${reader}`,
      );
    }
  });

  it('views, triggers, policies, publications and foreign keys to it are refused', async () => {
    const [viewed, parent, fired, guarded, published] = [
      await make(),
      await make(),
      await make(),
      await make(),
      await make(),
    ];
    await bed.execute(`CREATE VIEW v_${viewed} AS SELECT id FROM ${viewed};
      CREATE TABLE child_of_${parent} (id VARCHAR(32) COLLATE "C" CONSTRAINT to_${parent} REFERENCES ${parent} (id), more INT);
      CREATE TRIGGER fires BEFORE UPDATE ON ${fired} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
      CREATE POLICY mine ON ${guarded} USING (true); CREATE PUBLICATION p_${published} FOR TABLE ${published}`);
    await expectRefused(bed, viewed, /view v_.* hangs on it/);
    await expectRefused(bed, parent, /constraint to_.* hangs on it/);
    await expectRefused(bed, fired, /trigger fires .* hangs on it/);
    await expectRefused(bed, guarded, /policy mine .* hangs on it/);
    await expectRefused(bed, published, /publication .* hangs on it/);
  });

  it('a table that belongs to somebody else is refused with the GRANT', async () => {
    const table = await make();
    await bed.execute(`ALTER TABLE ${table} OWNER TO CURRENT_USER`);
    await expectRefused(bed, table, /does not own .*GRANT .* TO /, 'TARGET_DENIED');
  });
});
