import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import libsql from 'libsql';
import { afterAll, describe, expect, it } from 'vitest';
import { createSqliteSink } from '../../../connectors/sqlite/sink-connector.ts';
import { noSignal, requestOf } from '../../conformance/sink-bed.ts';
import { failureOf } from '../../support/sync-failure.ts';

const root = mkdtempSync(join(tmpdir(), 'syncline-sqlite-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sink = createSqliteSink(root);
const configOf = (url: string, more: Record<string, string> = {}): Record<string, string> => ({
  'connection.url': url,
  'table.name.format': 'orders',
  'auto.create': 'true',
  ...more,
});
const problemsOf = (config: Record<string, string>): readonly string[] =>
  sink.validate(config).map((problem) => problem.key);

describe('the configuration of the SQLite sink', () => {
  it.each(['jdbc:sqlite:target.db', 'target.db', 'a/b/target.db', './target.db'])('takes %s', (url) => {
    expect(sink.validate(configOf(url))).toEqual([]);
  });

  it.each([
    '',
    '.',
    '..',
    '../x.db',
    'a/../../x.db',
    '/etc/passwd',
    'jdbc:sqlite:/tmp/x.db',
    ':memory:',
    'file:x.db',
    'libsql://host',
    'http://host/x',
    'x.db?mode=ro',
    'x\0.db',
  ])('refuses %j as a file', (url) => {
    expect(problemsOf(configOf(url))).toEqual(['connection.url']);
  });

  it.each(['shop.orders', 'sqlite_master', 'syncline_run', 'a`b', 'a"b'])('refuses the table %s', (table) => {
    expect(problemsOf(configOf('x.db', { 'table.name.format': table }))).toEqual(['table.name.format']);
  });

  it('refuses to follow a link out of the folder for files', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'syncline-outside-'));
    symlinkSync(outside, join(root, 'link'));
    symlinkSync(join(outside, 'x.db'), join(root, 'link.db'));
    for (const url of ['link/x.db', 'link.db']) {
      const ledger = await sink.openLedger(configOf(url));
      const failure = await failureOf(ledger.readJob('job'));
      expect(await failureOf(ledger.begin(requestOf('job', 'task-1')))).toMatchObject({ code: 'BAD_INPUT' });
      expect(failure).toMatchObject({ code: 'BAD_INPUT', field: 'connection.url' });
      expect(failure.message).toContain('symbolic link');
    }
    rmSync(outside, { recursive: true });
  });

  it('makes the folders of the file, and names what is no database without the machine’s paths', async () => {
    const ledger = await sink.openLedger(configOf('deep/er/target.db'));
    expect(await ledger.begin(requestOf('job', 'task-1'))).toMatchObject({ kind: 'begun' });
    await ledger.close();
    writeFileSync(join(root, 'text.db'), 'no database at all, only text '.repeat(100));
    mkdirSync(join(root, 'folder.db'));
    const text = await sink.openLedger(configOf('text.db'));
    const failure = await failureOf(text.readJob('job'));
    expect((await failureOf(text.begin(requestOf('job', 'task-1')))).message).toBe(failure.message);
    await text.close();
    expect(failure.code).toBe('TARGET_UNREACHABLE');
    expect(failure.message).toContain('text.db');
    expect(failure.message).not.toContain(root);
    const folder = await sink.openLedger(configOf('folder.db'));
    expect((await failureOf(folder.readJob('job'))).code).toBe('BAD_INPUT');
  });

  it('is tested in steps', async () => {
    const found = await sink.testConnection(configOf('new.db'), noSignal);
    expect(found.map((step) => [step.name, step.ok])).toEqual([
      ['configuration', true],
      ['open', true],
      ['ledger', true],
      ['rights', true],
      ['table', true],
    ]);
    expect(found[3]?.detail).toContain('the first run will make new.db');
    expect(found[4]?.detail).toContain('orders will be created');
    expect(readdirSync(root)).not.toContain('new.db');
    await sink.testConnection(configOf('not/yet/new.db'), noSignal);
    expect(readdirSync(root)).not.toContain('not');
    const missing = await sink.testConnection(configOf('new.db', { 'auto.create': 'false' }), noSignal);
    expect(missing[4]).toMatchObject({ ok: false, code: 'TARGET_SCHEMA' });
    expect(missing[4]?.detail).toContain('orders does not exist');
    expect((await sink.testConnection(configOf('../x.db'), noSignal))[0]).toMatchObject({ ok: false });
  });

  it('is tested without a trace in the file', async () => {
    const database = new libsql(join(root, 'there.db'));
    database.exec('CREATE TABLE orders (id TEXT PRIMARY KEY)');
    const found = await sink.testConnection(configOf('there.db'), noSignal);
    expect(found.at(-1)).toMatchObject({ ok: true });
    expect(found.at(-1)?.detail).toContain('orders has 1 column');
    expect(database.prepare('SELECT name FROM sqlite_master WHERE type = ?').all('table')).toEqual([
      { name: 'orders' },
    ]);
    database.close();
  });

  it('has an identity of file, table, key and insert mode', () => {
    const identity = sink.identity(configOf('x.db'));
    expect(sink.identity(configOf('jdbc:sqlite:x.db', { 'auto.create': 'false' }))).toBe(identity);
    expect(sink.identity(configOf('y.db'))).not.toBe(identity);
    expect(sink.identity(configOf('x.db', { 'pk.fields': 'id' }))).not.toBe(identity);
  });
});
