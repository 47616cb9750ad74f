// Statements of steps on SQLite files: run one after another, looked at without making anything.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterAll, expect, it } from 'vitest';
import { toShape } from '../../../src/core/errors.ts';
import { createSqlConnections } from '../../../connectors/registry.ts';

const fileRoot = mkdtempSync(join(tmpdir(), 'syncline-steps-'));
afterAll(() => rmSync(fileRoot, { recursive: true, force: true }));
const connections = createSqlConnections({ fileRoot });
const at = (file: string) => ({ 'connection.url': `jdbc:sqlite:${file}` });
const run = (file: string, ...statements: readonly string[]): Promise<void> =>
  connections.run({
    config: at(file),
    statements,
    timeLimitMs: 1_000,
    signal: new AbortController().signal,
  });
const rows = (file: string): unknown[] => new libsql(join(fileRoot, file)).prepare('SELECT a FROM t').all();

it('are run in their order, each committed by itself: one that fails is named, and those before it stay', async () => {
  await run('a.db', 'CREATE TABLE t (a)', 'INSERT INTO t VALUES (1)');
  await expect(run('a.db', 'INSERT INTO t VALUES (2)', 'INSERT INTO nowhere VALUES (3)')).rejects.toThrow(
    /statement 2 of 2: .*nowhere/,
  );
  expect(rows('a.db')).toEqual([{ a: 1 }, { a: 2 }]);
});

it('what is said of one that fails repeats none of its texts', async () => {
  const failing = run('a.db', "SELECT nope, 'SeCrEt-of-somebody' FROM nowhere WHERE a = 'tok3n'");
  const shape = toShape(await failing.catch((error: unknown) => error));
  expect(JSON.stringify(shape)).not.toMatch(/SeCrEt|tok3n/);
  expect(shape.message).toContain('nowhere');
  const unended = toShape(await run('a.db', "SELECT 'SeCrEt-of-somebody").catch((error: unknown) => error));
  expect(JSON.stringify(unended)).not.toContain('SeCrEt');
});

it('a log-in to look makes no file', async () => {
  await connections.test(at('new.db'));
  expect(existsSync(join(fileRoot, 'new.db'))).toBe(false);
});

it('a configuration is wrong by its keys, its URL and its file', () => {
  expect(connections.validate(at('a.db'))).toEqual([]);
  expect(connections.validate({ ...at('a.db'), 'connection.max': '3' })).toMatchObject([
    { key: 'connection.max' },
  ]);
  expect(connections.validate({ 'connection.url': 'jdbc:oracle:x' })[0]?.message).toContain('jdbc:mysql:…');
  expect(connections.validate(at('../out.db'))).toMatchObject([{ key: 'connection.url' }]);
  expect(connections.validate({ 'connection.url': 'jdbc:mysql://db:3306/shop' })).toMatchObject([
    { key: 'connection.user' },
  ]);
  const mysql = { 'connection.url': 'jdbc:mysql://db:3306/shop', 'connection.user': 'u' };
  expect(connections.validate(mysql)).toEqual([]);
  expect(connections.hosts(mysql)).toEqual(['db']);
  const postgresql = { ...mysql, 'connection.url': 'jdbc:postgresql://pg/shop' };
  expect(connections.validate(postgresql)).toEqual([]);
  expect(connections.def.filter(({ type }) => type === 'PASSWORD').map(({ name }) => name)).toEqual([
    'connection.password',
  ]);
});

it('nothing is begun when it was let go of already', async () => {
  const signal = AbortSignal.abort(new Error('over'));
  const work = { config: at('late.db'), statements: ['CREATE TABLE t (a)'], timeLimitMs: 1_000, signal };
  await expect(connections.run(work)).rejects.toThrow('over');
  expect(existsSync(join(fileRoot, 'late.db'))).toBe(false);
});
