// An SQLite file in a folder of its own, for the suites of ledgers and stores.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { createSqliteSink } from '../../../connectors/sqlite/sink-connector.ts';
import type { SinkBed } from '../../conformance/sink-bed.ts';

export interface SqliteBed extends SinkBed {
  /** The folder that the sink may write in; its file is target.db. */
  readonly root: string;
}

export function openSqliteBed(encoding = 'UTF-8'): Promise<SqliteBed> {
  const root = mkdtempSync(join(tmpdir(), 'syncline-sqlite-'));
  const database = new libsql(join(root, 'target.db'));
  // It is settled by the first page that is written.
  database.exec(`PRAGMA encoding = '${encoding}'; CREATE TABLE first (page)`);
  return Promise.resolve({
    root,
    plugin: createSqliteSink(root),
    exactKey: 'TEXT NOT NULL',
    foldingKey: 'TEXT NOT NULL COLLATE NOCASE',
    configOf: (table, more = {}) => ({
      'connection.url': 'jdbc:sqlite:target.db',
      'table.name.format': table,
      'auto.create': 'true',
      ...more,
    }),
    execute: (sql) => {
      database.exec(sql);
      return Promise.resolve();
    },
    readRows: (table, columns) => {
      // Text by its bytes: libsql ends a text at its first NUL.
      const parts = columns.map(
        (column, at) =>
          `typeof(${column}) AS t${at}, ${column} AS v${at}, hex(CAST(${column} AS BLOB)) AS h${at}`,
      );
      const rows = database
        .prepare(`SELECT ${parts.join(', ')} FROM \`${table}\` ORDER BY ${columns[0] ?? ''}`)
        .all() as Record<string, unknown>[];
      return Promise.resolve(rows.map((row) => columns.map((_, at) => textOf(row, at))));
    },
    footprint: () =>
      Promise.resolve(
        readdirSync(root)
          // What readers and writers of this moment tell each other.
          .filter((name) => !name.endsWith('-shm'))
          .sort()
          .map((name) => [
            name,
            statSync(join(root, name)).mtimeMs,
            readFileSync(join(root, name), 'base64'),
          ]),
      ),
    close: () => {
      database.close();
      rmSync(root, { recursive: true, force: true });
      return Promise.resolve();
    },
  });
}

function textOf(row: Record<string, unknown>, at: number): string | null {
  if (row[`t${at}`] === 'null') return null;
  if (row[`t${at}`] === 'real') return String(row[`v${at}`]);
  return Buffer.from(row[`h${at}`] as string, 'hex').toString('utf8');
}
