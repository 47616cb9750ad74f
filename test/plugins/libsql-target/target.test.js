// The checks that every SQL target must pass, on files of their own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'libsql';
import { sqlTargetChecks } from 'syncline/conformance';
import plugin from '@example/libsql-target';

function openBed() {
  const folder = mkdtempSync(join(tmpdir(), 'libsql-target-'));
  const file = join(folder, 'target.db');
  const database = new Database(file);
  const all = (sql) => database.prepare(sql).all();
  return {
    plugin,
    exactKey: 'TEXT NOT NULL',
    foldingKey: 'TEXT NOT NULL COLLATE NOCASE',
    text: 'TEXT',
    whole: 'INTEGER',
    tableAttributes: 'STRICT',
    // Its keys of numbers are not compared with those of a source: the connector says nothing of their order.
    comparesNumbers: false,
    configOf: (name, more = {}) => ({
      'libsql.file': file,
      'table.name.format': name,
      'auto.create': 'true',
      ...more,
    }),
    execute: async (sql) => {
      database.exec(sql);
    },
    readRows: async (name, columns, bytes = []) => {
      const quoted = columns.map((column) => `"${column}"`);
      const parts = quoted.map(
        (each, at) => `typeof(${each}) t${at}, ${each} v${at}, hex(CAST(${each} AS BLOB)) h${at}`,
      );
      const rows = all(`SELECT ${parts.join(', ')} FROM "${name}" ORDER BY ${quoted[0]}`);
      return rows.map((row) => columns.map((column, at) => textOf(row, at, bytes.includes(column))));
    },
    footprint: async () =>
      all("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name").map((table) => [
        table,
        all(`SELECT * FROM "${table.name}"`),
      ]),
    close: async () => {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Text by its bytes: the driver ends a text at its first NUL. */
function textOf(row, at, isBytes) {
  if (row[`t${at}`] === 'null') return null;
  if (isBytes) return row[`h${at}`];
  return row[`t${at}`] === 'real'
    ? String(row[`v${at}`])
    : Buffer.from(row[`h${at}`], 'hex').toString('utf8');
}

for (const { name, run } of sqlTargetChecks(openBed)) test(name, run);
