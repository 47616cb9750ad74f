// What opens other files than the database's own is refused, in whatever dress; what a user may well write is not.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPlugins, createSqlConnections } from '../../../connectors/registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'syncline-words-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileRoot = join(folder, 'files');
mkdirSync(fileRoot);
const outside = join(folder, 'outside.db');
const connections = createSqlConnections({ fileRoot });
const config = { 'connection.url': 'jdbc:sqlite:a.db' };
const source = createPlugins({ fileRoot }).find(({ className }) => className.endsWith('.SqlSourceConnector'));
const queryProblems = (query: string): readonly string[] =>
  (source?.validate({ ...config, 'topic.prefix': 't', query }) ?? [])
    .filter(({ key }) => key === 'query')
    .map(({ message }) => message);
const run = (statement: string): Promise<void> =>
  connections.run({
    config,
    statements: ['CREATE TABLE IF NOT EXISTS t (a)', statement],
    timeLimitMs: 1_000,
    signal: new AbortController().signal,
  });

const leaving = [
  `ATTACH '${outside}' AS o`,
  `-- a note\n/* and ; another */ aTTach DATABASE '${outside}' AS o`,
  `\ufeff;;\t ATTACH '${outside}' AS o`,
  `EXPLAIN QUERY PLAN ATTACH '${outside}' AS o`,
  `SELECT 1; ATTACH '${outside}' AS o`,
  'DETACH main',
  `VACUUM INTO '${outside}'`,
  `VACUUM/**/main/**/INTO '${outside}'`,
  `PRAGMA temp_store_directory = '${folder}'`,
  `PRAGMA "main"."journal_mode" = off`,
  'PRAGMA writable_schema = 1',
  `SELECT writefile('${outside}', 'x')`,
  `SELECT "WriteFile" /* */ ('${outside}', 'x')`,
  `SELECT [writefile]('${outside}', 'x')`,
  `SELECT \`writefile\`('${outside}', 'x')`,
  `SELECT $a('), writefile('${outside}', 'x')`,
  `SELECT '--', writefile('${outside}', 'x')`,
  `SELECT "/*", writefile('${outside}', 'x')`,
  `SELECT 'it''s', writefile('${outside}', 'x')`,
  `SELECT sha3_query('ATTACH ''${outside}'' AS o')`,
  `CREATE TABLE c (a CHECK (writefile('${outside}', 'x')))`,
  `SELECT readfile('/etc/hostname')`,
  `SELECT name FROM fsdir WHERE path = '/'`,
  `SELECT name FROM 'fsdir'('/')`,
  `SELECT load_extension('x')`,
];

describe.each(leaving)('%s', (statement) => {
  it('is refused as a statement, by a look and by a run, and as a query; nothing is made outside', async () => {
    expect(connections.refuse(config, statement)).not.toBeNull();
    await expect(run(statement)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(queryProblems(statement)).toHaveLength(1);
    expect(existsSync(outside)).toBe(false);
  });
});

it.each([
  'VACUUM',
  'PRAGMA user_version = 3',
  `INSERT INTO t VALUES ('ATTACH x'), ('readfile'), ('a;b'), ('$a @b :c')`,
  'CREATE TABLE IF NOT EXISTS "attach" ("into" TEXT)',
  'CREATE TRIGGER IF NOT EXISTS g AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = 9; DELETE FROM t WHERE a = 8; END;',
  'DELETE FROM t; -- that was it',
])('%s is run', async (statement) => {
  expect(connections.refuse(config, statement)).toBeNull();
  await run(statement);
});

it('of several statements SQLite would run the first alone, which is said', () => {
  expect(connections.refuse(config, 'SELECT 1; SELECT 2')).toContain('several statements');
  expect(queryProblems('SELECT 1; SELECT 2')[0]).toContain('several statements');
});

it('a query is what it was; other servers have their own words', () => {
  expect(queryProblems('SELECT a, "b" FROM t WHERE a > 1 /* all */')).toEqual([]);
  const mysql = { 'connection.url': 'jdbc:mysql://db:3306/shop', 'connection.user': 'u' };
  expect(connections.refuse(mysql, 'SELECT 1; SELECT 2')).toBeNull();
});
