// Pseudo fields, row keys taken apart and ranges of salted tables, as jobs of the product: HBase → Kafka → MariaDB, full and incremental.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import { deleteRow, putRow } from '../../connectors/hbase/client/mutate/mutations.ts';
import { createJob, runJob } from '../support/job-runs.ts';
import type { EndedRun, JobBody } from '../support/job-runs.ts';
import { openMysqlBed } from '../support/mysql-bed.ts';
import type { MysqlBed } from '../support/mysql-bed.ts';
import { startSyncline } from '../support/start-syncline.ts';
import type { SynclineProcess } from '../support/start-syncline.ts';
import { waitUntil } from '../support/wait-until.ts';
import { connectHbase, dropTable, hbaseJobSource } from '../support/hbase-cluster.ts';
import { english } from '../support/english.ts';

const stack = inject('stack');
const proved = { state: 'succeeded', report: { outcome: 'proved' } };
const longMax = 2n ** 63n - 1n;
const buckets = 8;
const LIMIT_MS = 90_000;

type Entry = Readonly<Record<string, string>>;

interface Order {
  readonly region: string;
  readonly user: string;
  readonly at: number;
}

/** salt · 4 digits of md5 · _ · region _ user backwards _ 19 digits of Long.MAX − at */
function keyOf({ region, user, at }: Order): Buffer {
  const digits = String(longMax - BigInt(at)).padStart(19, '0');
  const rest = Buffer.from(`${region}_${Array.from(user).reverse().join('')}_${digits}`);
  return salted(Buffer.concat([Buffer.from(`${md5(rest)}_`), rest]));
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex').slice(0, 4);
}

/** As Phoenix does. */
function salted(key: Buffer): Buffer {
  let hash = 1;
  for (const byte of key) hash = (31 * hash + ((byte << 24) >> 24)) | 0;
  return Buffer.concat([Buffer.from([Math.abs(hash % buckets)]), key]);
}

const orders: readonly Order[] = Array.from({ length: 300 }, (_, i) => ({
  region: i % 3 === 0 ? '北京' : 'sh',
  user: `u${String(i).padStart(4, '0')}é`,
  at: 1_700_000_000_000 + i,
}));

const prefixes = "phoenix-salt(8) | md5-prefix(4,'_')";
const key = (targetFiled: string, byterule: string, more: Entry = {}): Entry => ({
  sourceFiled: 'rowkey()',
  targetFiled,
  fieldType: 'varchar(64)',
  byterule,
  ...more,
});
const ispk = { ispk: '1' };
const whole: Entry = {
  sourceFiled: 'rowkey()',
  targetFiled: 'id',
  fieldType: 'varchar(200)',
  encoding: 'hex',
  ...ispk,
};
const atOf = (byterule: string, encoding: string): Entry =>
  key('at', byterule, { fieldType: 'datetime(3)', encoding });

describe.skipIf(stack === null)('pseudo fields in whole runs', () => {
  const table = `pseudo_${process.pid}_${Date.now().toString(36)}`;
  const written = Date.now() - 600_000;
  let hbase: HBaseClient;
  let mysql: MysqlBed;
  let syncline: SynclineProcess;

  beforeAll(async () => {
    if (stack === null) return;
    hbase = connectHbase(stack.hbase);
    mysql = await openMysqlBed(stack.mariadb);
    const splitKeys = Array.from({ length: buckets - 1 }, (_, i) => Buffer.from([i + 1]));
    await hbase.admin.createTable({ table, families: { f: {}, g: {} }, splitKeys });
    await put(orders);
    syncline = await startSyncline({ settings: { SYNCLINE_KAFKA: stack.kafka.brokers } });
  }, 120_000);

  afterAll(async () => {
    await syncline.stop();
    await dropTable(hbase, table);
    hbase.close();
    await mysql.close();
  });

  it('every one arrives, a key of all parts is proved, and changes and deletes follow by it', async () => {
    const job = jobOf('parts', [
      key('region', `${prefixes} | part('_',1,3)`, ispk),
      key('user', `${prefixes} | part('_',2,3) | reverse-text`, ispk),
      key('left_over', `${prefixes} | part('_',3,3)`, ispk),
      atOf(`${prefixes} | part('_',3,3) | long-max-minus-text`, 'epoch-ms-text'),
      key('salt', 'slice(1,1)', { encoding: 'hex' }),
      key('behind', "after('_')"),
      key('mirrored', 'slice(7) | reverse', { encoding: 'hex', fieldType: 'varchar(200)' }),
      key('wrapped', 'slice(2,8) | long-max-minus', { fieldType: 'bigint', encoding: 'int64' }),
      { sourceFiled: 'timestamp(f:a)', targetFiled: 'a_at', fieldType: 'bigint' },
      { sourceFiled: 'timestamp(f:b)', targetFiled: 'b_at', fieldType: 'datetime(3)' },
      { sourceFiled: 'timestamp()', targetFiled: 'newest', fieldType: 'bigint' },
      { sourceFiled: 'f:*', targetFiled: 'f_all', fieldType: 'json' },
      { sourceFiled: "constant('shop')", targetFiled: 'tenant', fieldType: 'varchar(8)', ...ispk },
    ]);
    const all = [...orders, { region: 'gone', user: 'x', at: 1_600_000_000_000 }];
    await put(all);
    job.mode = 'incremental';
    job.policy = { lagMs: 2_000 };
    job.source.config['hbase.deletes'] = 'markers';
    const id = await createJob(syncline, job);
    const first = await runJob(syncline, id);
    expect(first).toMatchObject({ ...proved, report: { counts: { written: all.length, dirty: 0 } } });
    const columns =
      'user, region, left_over, at, salt, behind, mirrored, wrapped, a_at, b_at, newest, f_all, tenant';
    const read = () => mysql.readRows('parts', columns.split(', '));
    const expected = all.map((order, i) => {
      const rowKey = keyOf(order);
      const rest = rowKey.subarray(6).toString();
      return [
        order.user,
        order.region,
        rest.split('_')[2] ?? '',
        sqlTime(order.at),
        `0${rowKey[0]}`,
        rest,
        Buffer.from(rest).reverse().toString('hex'),
        String(longMax - rowKey.readBigInt64BE(1)),
        String(written),
        sqlTime(written - 1_000),
        String(written + 1_000),
        `{"a":"${i}","b":{"hex":"ff${(i % 256).toString(16).padStart(2, '0')}"}}`,
        'shop',
      ];
    });
    expect(await read()).toEqual(expected);

    const [changed, gone] = [all[7] ?? missing(), all.at(-1) ?? missing()];
    const since = Date.now();
    await hbase.mutateRows(table, [
      putRow(keyOf(changed), [cell('g', 'z', 'y', since)]),
      deleteRow(keyOf(gone)),
    ]);
    await waitUntil(
      'a run reaches behind the changes',
      async () => {
        const ended = await runJob(syncline, id);
        expect(ended).toMatchObject(proved);
        return Date.parse(ended.report?.window?.to ?? '') > since + 1_000;
      },
      LIMIT_MS,
    );
    const after = expected.map((row) => (row[0] === changed.user ? row.with(10, String(since)) : row));
    expect(await read()).toEqual(after.filter(([user]) => user !== gone.user));
  }, 180_000);

  it('a key that a rule does not fit is a dirty row with its key in hex, and fails the run unless allowed', async () => {
    const ended = await run(jobOf('misfit', [whole, key('part', "part('_',5)")]));
    expect(ended).toMatchObject({ state: 'failed', reason: { code: 'DIRTY_LIMIT' } });
    expect(ended.reason?.message).toContain("4 parts between '_' where at least 5 are needed");
    expect(ended.reason?.message).toMatch(/0[0-7](3\d|6[1-6]){4}5f/);
  });

  it('a key that does not tell rows apart is refused before anything is written, or the run is not proved', async () => {
    const region = key('region', `${prefixes} | part('_',1,3)`, ispk);
    const refused = await run(jobOf('merged', [region]));
    expect(refused).toMatchObject({ state: 'failed', reason: { code: 'KEYS_MAY_MERGE' } });
    expect(refused.reason?.message).toContain('the key region (from rowkey())');
    expect((await mysql.root.query("SHOW TABLES LIKE 'merged'"))[0]).toEqual([]);
    const job = jobOf('merged_allowed', [region]);
    job.sink.config['keys.may.merge'] = 'true';
    const allowed = await run(job);
    expect(allowed).toMatchObject({ state: 'succeeded', report: { outcome: 'delivered' } });
    expect(english(allowed.report?.notProved).join()).toContain('does not tell the whole row key');
    expect(await mysql.readRows('merged_allowed', ['region'])).toHaveLength(2);
  });

  it('where a column is the key, the run is delivered, not proved, and says so', async () => {
    const ended = await run(
      jobOf('by_column', [{ sourceFiled: 'f:a', targetFiled: 'a', fieldType: 'varchar(8)', ...ispk }]),
    );
    expect(ended).toMatchObject({ state: 'succeeded', report: { outcome: 'delivered' } });
    expect(english(ended.report?.notProved).join()).toContain('is not the row key');
    expect(await mysql.readRows('by_column', ['a'])).toHaveLength(orders.length);
  });

  it('a range of keys of the salted table arrives from every bucket, exactly', async () => {
    const job = jobOf('ranged', [whole]);
    Object.assign(job.source.config, {
      'hbase.salt': 'byte:8',
      'hbase.start.row': '3',
      'hbase.stop.row': 'a8',
    });
    const isWithin = (behindSalt: Buffer): boolean =>
      behindSalt.compare(Buffer.from('3')) >= 0 && behindSalt.compare(Buffer.from('a8')) < 0;
    const within = orders
      .map(keyOf)
      .filter((rowKey) => isWithin(rowKey.subarray(1)))
      .map((rowKey) => rowKey.toString('hex'));
    expect(new Set(within.map((hex) => hex.slice(0, 2))).size).toBe(buckets);
    expect(await run(job)).toMatchObject({ ...proved, report: { counts: { written: within.length } } });
    expect(await mysql.readRows('ranged', ['id'])).toEqual(within.sort().map((hex) => [hex]));
  });

  async function put(rows: readonly Order[]): Promise<void> {
    const mutations = rows.map((order, i) =>
      putRow(keyOf(order), [
        cell('f', 'a', String(i), written),
        cell('f', 'b', Buffer.from([0xff, i % 256]), written - 1_000),
        cell('g', 'z', 'x', written + 1_000),
      ]),
    );
    await hbase.mutateRows(table, mutations);
  }

  function jobOf(target: string, mapping: readonly Entry[]): JobBody {
    return {
      name: `${table} to ${target}`,
      mode: 'full',
      source: hbaseJobSource(stack, table, mapping, { 'pkuse.kafka.topic.prefix': `${target}_` }),
      sink: {
        connector: 'io.syncline.mysql.MySqlSinkConnector',
        config: { ...mysql.configOf(target), 'pk.mode': 'record_value', 'insert.mode': 'upsert' },
      },
    };
  }

  async function run(job: JobBody): Promise<EndedRun> {
    return runJob(syncline, await createJob(syncline, job));
  }
});

function cell(family: string, qualifier: string, value: string | Buffer, at: number) {
  const [name, column] = [Buffer.from(family), Buffer.from(qualifier)];
  return { family: name, qualifier: column, value: Buffer.from(value), timestamp: BigInt(at) };
}

function sqlTime(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').slice(0, 23);
}

function missing(): never {
  throw new Error('there is no such order');
}
