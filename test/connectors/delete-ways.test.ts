// Which targets remove rows in which way a source tells of them: asked before a job is saved, and before a run makes anything.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import type { SinkPlugin, SourcePlugin } from '../../src/core/connector/contract.ts';
import type { RowSchema } from '../../src/core/connector/field-type.ts';
import { findPlugin } from '../../src/core/connector/plugin-registry.ts';
import { fieldOf, noSignal, pairs, type SinkBed } from '../conformance/sink-bed.ts';
import { openSqliteBed } from './sqlite/sqlite-bed.ts';

const plugins = createPlugins({ fileRoot: '/files' });
const mysql = { 'connection.url': 'jdbc:mysql://h/d', 'connection.user': 'u', 'table.name.format': 't' };
const sqlSource = { ...mysql, 'table.whitelist': 'orders', 'topic.prefix': 't' };
const hbase = { 'hbase.masters': 'h:1', 'table.name.format': 't' };
const hbaseSource = {
  'hbase.masters': 'h:1',
  'pkuse.hbase.table.name': 't',
  'pkuse.hbase.filed.mapping': JSON.stringify([
    { sourceFiled: 'rowkey()', targetFiled: 'id', fieldType: 'string', ispk: '1' },
  ]),
};

const sourceOf = (name: string): SourcePlugin => findPlugin(plugins, name) as SourcePlugin;
const sinkOf = (name: string): SinkPlugin => findPlugin(plugins, name) as SinkPlugin;
const byKeys = { by: 'keys', setting: 'sql.deletes' } as const;
const byMarkers = { by: 'markers', setting: 'hbase.deletes' } as const;
const rows: RowSchema = {
  fields: [{ name: 'id', type: { kind: 'string', length: 0 }, optional: false }],
  key: ['id'],
};

it('a source says how it tells of rows that are gone', () => {
  expect(sourceOf('JdbcSource').deletes?.(sqlSource)).toBeNull();
  expect(sourceOf('JdbcSource').deletes?.({ ...sqlSource, 'sql.deletes': 'reconcile' })).toEqual(byKeys);
  expect(sourceOf('HBaseSource').deletes?.(hbaseSource)).toBeNull();
  expect(sourceOf('HBaseSource').deletes?.({ ...hbaseSource, 'hbase.deletes': 'markers' })).toEqual(
    byMarkers,
  );
  expect(sourceOf('HBaseSource').deletes?.({ ...hbaseSource, 'hbase.deletes': 'reconcile' })).toEqual({
    ...byKeys,
    setting: 'hbase.deletes',
  });
});

it('a query of an SQL source tells of none, and is refused with sql.deletes=reconcile before it is saved', async () => {
  const query = {
    ...mysql,
    'topic.prefix': 't',
    'connector.class': 'JdbcSource',
    query: 'SELECT id FROM orders',
    'sql.key.columns': 'id',
  };
  const source = sourceOf('JdbcSource');
  expect(source.validate(query)).toEqual([]);
  const reconciled = { ...query, 'sql.deletes': 'reconcile' };
  expect(source.validate(reconciled)).toEqual([
    expect.objectContaining({
      key: 'sql.deletes',
      message: expect.stringContaining('write ignore') as string,
    }),
  ]);
  const [step] = await source.testConnection(reconciled, noSignal);
  expect(step).toMatchObject({ name: 'configuration', ok: false, code: 'BAD_INPUT' });
});

it.each([
  { sink: 'HBaseSink', config: hbase, way: byKeys, key: null, says: 'sql.deletes=reconcile' },
  { sink: 'HBaseSink', config: hbase, way: byMarkers, key: undefined, says: '' },
  { sink: 'FileStreamSink', config: { file: 'a' }, way: byMarkers, key: null, says: 'hbase.deletes=markers' },
  { sink: 'JdbcSink', config: mysql, way: byKeys, key: undefined, says: '' },
  {
    sink: 'JdbcSink',
    config: { ...mysql, 'delete.enabled': 'false' },
    way: byMarkers,
    key: 'delete.enabled',
    says: 'delete.enabled=false',
  },
])('$sink, rows told by $way.by: $says', ({ sink, config, way, key, says }) => {
  const refusal = sinkOf(sink).refuseDeletes?.(config, way) ?? null;
  expect(refusal?.key).toBe(key);
  expect(refusal?.message ?? '').toContain(says);
});

it('a run that the target can not follow fails before the target is looked at', async () => {
  const store = await sinkOf('HBaseSink').openStore(hbase, new AbortController().signal);
  const failed = store.prepareTable({ ...rows, deletes: byKeys });
  await expect(failed).rejects.toMatchObject({ code: 'TARGET_SCHEMA', field: 'sql.deletes' });
  await store.close();
});

describe('an SQLite target of a source that compares keys', () => {
  let bed: SinkBed;
  beforeEach(async () => {
    bed = await openSqliteBed();
  });
  afterEach(() => bed.close());

  const failing = async (schema: RowSchema, more = {}) => {
    const steps = await bed.plugin.testConnection(bed.configOf('orders', more), noSignal, schema);
    return steps.find(({ ok }) => !ok);
  };
  /** What a run's sink says; the target has no such table before it, and none behind it. */
  const prepare = async (schema: RowSchema, more = {}): Promise<unknown> => {
    const store = await bed.plugin.openStore(bed.configOf('orders', more), noSignal);
    const said = await store.prepareTable(schema).catch((error: unknown) => error);
    await store.close();
    expect(await bed.readRows('sqlite_master', ['name'])).not.toContainEqual(['orders']);
    return said;
  };
  const money = { kind: 'decimal', precision: 9, scale: 2 } as const;
  const compared: RowSchema = {
    fields: [fieldOf('id', { kind: 'int64' }, false), fieldOf('amount', money, false)],
    key: ['id', 'amount'],
    deletes: byKeys,
  };

  it('does not take a key that it keeps in another order, made or found', async () => {
    const refusal = {
      name: 'rows',
      code: 'TARGET_SCHEMA',
      detail: expect.stringMatching(/amount.*sql\.deletes=ignore/) as string,
    };
    expect(await failing(compared)).toMatchObject(refusal);
    expect(await prepare(compared)).toMatchObject({ code: 'TARGET_SCHEMA', field: 'amount' });
    await bed.execute(
      'CREATE TABLE orders (id INTEGER NOT NULL, amount TEXT NOT NULL, PRIMARY KEY (id, amount))',
    );
    expect(await failing(compared)).toMatchObject(refusal);
    expect(await failing({ ...compared, deletes: undefined })).toBeUndefined();
  });

  it('has a key, and may remove rows', async () => {
    const schema = { ...pairs, deletes: byKeys };
    const noKey = { 'pk.mode': 'none', 'insert.mode': 'insert' };
    expect(await failing(schema, noKey)).toMatchObject({ name: 'rows', code: 'TARGET_SCHEMA' });
    expect(await prepare(schema, noKey)).toMatchObject({ code: 'TARGET_SCHEMA' });
    const keeps = { 'delete.enabled': 'false' };
    expect(await failing(schema, keeps)).toMatchObject({ name: 'deletes', code: 'TARGET_SCHEMA' });
    expect(await prepare(schema, keeps)).toMatchObject({ field: 'delete.enabled' });
  });
});
