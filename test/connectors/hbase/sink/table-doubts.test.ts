// HBase tables and settings under which a row that was put is not what the table shows: the run says so.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorConfig } from '../../../../src/core/connector/config-def.ts';
import { batchOf, fieldOf, openRun, pairs } from '../../../conformance/sink-bed.ts';
import { english } from '../../../support/english.ts';
import { openDoubleSinkBed } from '../../../support/hbase-sink-bed.ts';
import type { HbaseSinkBed } from '../../../support/hbase-sink-bed.ts';

let bed: HbaseSinkBed;

beforeAll(async () => {
  bed = await openDoubleSinkBed();
});

afterAll(() => bed.close());

async function doubtsOf(table: string, config: ConnectorConfig = {}, schema = pairs): Promise<string> {
  const { store, prepared } = await openRun(bed, bed.configOf(table, config), schema);
  await store.close();
  return english(prepared.doubts).join('; ');
}

const year2100 = BigInt(Date.UTC(2100, 0, 1));

async function putAt(
  table: string,
  type: 'put' | 'deleteColumn' | 'deleteFamily',
  timestamp: bigint,
  family = 'f',
): Promise<void> {
  const row = Buffer.from('k\x01');
  const cell = {
    row,
    family: Buffer.from(family),
    qualifier: Buffer.from('value'),
    timestamp,
    type,
    value: Buffer.from('x'),
  };
  await bed.client.mutateRows(table, [{ kind: type === 'put' ? 'put' : 'delete', row, cells: [cell] }]);
}

describe('what a table does with cells', () => {
  it.each([
    ['ttl', { TTL: '3600' }, /family f has TTL 3600/],
    ['kept', { TTL: '3600', MIN_VERSIONS: '1' }, /^$/],
    ['ever', { TTL: '2147483647', VERSIONS: '3', KEEP_DELETED_CELLS: 'TRUE' }, /^$/],
    ['newer', { NEW_VERSION_BEHAVIOR: 'true' }, /family f has NEW_VERSION_BEHAVIOR/],
  ])('%s: %j', async (name, attributes, doubt) => {
    await bed.client.admin.createTable({
      table: `does_${name}`,
      families: { f: attributes, g: { TTL: '1' } },
    });
    expect(await doubtsOf(`does_${name}`)).toMatch(doubt);
  });

  it('a coprocessor of the table is named', async () => {
    const attributes = { coprocessor$1: '|com.example.Changer|1|', OTHER: 'x' };
    await bed.client.admin.createTable({ table: 'coprocessed', families: { f: {} }, attributes });
    expect(await doubtsOf('coprocessed')).toMatch(/com\.example\.Changer/);
  });
});

describe('cells newer than what a run writes', () => {
  it.each(['put', 'deleteColumn', 'deleteFamily'] as const)('a %s of the future is named', async (type) => {
    const table = `future_${type}`;
    await bed.client.admin.createTable({ table, families: { f: {}, g: {} } });
    expect(await doubtsOf(table)).toBe('');
    await putAt(table, type, BigInt(Date.now() - 1000));
    await putAt(table, type, year2100, 'g');
    expect(await doubtsOf(table)).toBe('');
    await putAt(table, type, year2100);
    expect(await doubtsOf(table)).toMatch(/row k\\x01 .*2100-01-01T00:00:00\.000Z/);
  });

  it('those of an earlier run that had its timestamps from a field, too', async () => {
    const schema = { ...pairs, fields: [...pairs.fields, fieldOf('at', { kind: 'int64' })] };
    const dated = await openRun(bed, bed.configOf('dated', { 'hbase.timestamp.field': 'at' }), schema);
    await dated.store.transaction((tx) => tx.writeRows(batchOf([['a', 'x', String(year2100)]])));
    await dated.store.close();
    expect(await doubtsOf('dated')).toMatch(/row a .*2100/);
  });

  it("not a run's own", async () => {
    const { store } = await openRun(bed, bed.configOf('own'));
    await store.transaction((tx) => tx.writeRows(batchOf(Array.from({ length: 50 }, () => ['a', 'x']))));
    expect((await store.prepareTable(pairs)).doubts).toEqual([]);
    await store.close();
  });
});

describe('NULL', () => {
  it.each([
    ['delete', /^$/],
    ['skip', /keeps the value it had/],
    ['empty', /can't be told from/],
  ])('with hbase.null.values=%s', async (policy, doubt) => {
    expect(await doubtsOf(`nulls_${policy}`, { 'hbase.null.values': policy })).toMatch(doubt);
    const never = { ...pairs, fields: pairs.fields.map((field) => ({ ...field, optional: false })) };
    expect(await doubtsOf(`never_${policy}`, { 'hbase.null.values': policy }, never)).toBe('');
  });
});
