// An SQLite file of the suite's own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '../../connectors/sqlite/database.ts';
import { createSqliteDialect } from '../../connectors/sqlite/source/server.ts';
import { createSqlSource } from '../../connectors/sql/source/source-connector.ts';
import type { SqlBed } from '../conformance/sql-source-bed.ts';

export async function openSqliteSourceBed(): Promise<SqlBed> {
  const root = await mkdtemp(join(tmpdir(), 'syncline-sqlite-source-'));
  const database = await SqliteDatabase.open(join(root, 'source.db'), 'source.db');
  const dialect = createSqliteDialect(root);
  return {
    plugin: createSqlSource([dialect]),
    dialect,
    place: { 'connection.url': 'jdbc:sqlite:source.db' },
    execute: (sql) => {
      database.run(sql);
      return Promise.resolve();
    },
    ask: (sql) => Promise.resolve([...database.iterate(sql)] as (string | null)[][]),
    bytes: (hex) => `X'${hex}'`,
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    types: {
      int: 'INTEGER',
      bigint: 'BIGINT',
      text: 'TEXT',
      bytes: 'BLOB',
      time: 'TIMESTAMP',
      now: "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    },
    oddNames: ['😀'],
    longText: 'TEXT',
    repeated: (size) => `replace(hex(zeroblob(${size / 2})), '0', 'x')`,
    sharesViews: true,
    seesTransactions: false,
    close: async () => {
      database.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
