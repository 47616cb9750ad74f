// The topics of jobs among themselves: what one job's topic makes impossible for another one is said when it is saved, with its name.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { readCase } from '../support/fault-cases.ts';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await setupApi({ plugins: createPlugins({ fileRoot: '/' }), logKind: 'kafka' });
  bed.stock.validate = () => Promise.resolve([]);
});
afterEach(() => bed.close());

const fileSink = {
  connector: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  config: { file: 'b.txt' },
};
const foreignSink = { connector: 'io.foreign.Sink', config: {}, cluster: 'stock' };

const lines = (name: string, topic: string, change: object = {}): object =>
  jobBody({
    name,
    webhook: null,
    mode: 'full',
    source: { connector: 'io.syncline.file.FileSourceConnector', config: { file: 'a.txt', topic } },
    sink: fileSink,
    ...change,
  });
const table = (name: string, tableName: string, prefix = ''): object =>
  jobBody({
    name,
    webhook: null,
    mode: 'full',
    source: {
      connector: 'io.syncline.hbase.HBaseSourceConnector',
      config: {
        'pkuse.hbase.ip': 'zk.example',
        'pkuse.hbase.port': '2181',
        'pkuse.hbase.table.name': tableName,
        'pkuse.kafka.topic.prefix': prefix,
        'pkuse.hbase.filed.mapping': JSON.stringify([
          { sourceFiled: 'rowkey()', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
          { sourceFiled: 'f:v', targetFiled: 'v', fieldType: 'varchar(32)' },
        ]),
      },
    },
    sink: fileSink,
  });
const save = (payload: object): ReturnType<ApiBed['ask']> =>
  bed.ask({ method: 'POST', url: '/api/v1/jobs', payload });
const saved = async (payload: object): Promise<string> => {
  const { status, body } = await save(payload);
  expect(status, JSON.stringify(body)).toBe(201);
  return body.id ?? '';
};

it('tables whose names Kafka would not keep side by side have topics of their own (case F16)', async () => {
  const { tables = [] } = readCase('F16-topic-collision');
  for (const [index, name] of tables.entries()) await saved(table(`job ${index}`, name));
});

it('a table that is named in Chinese is read as any other (case F14)', async () => {
  const { hbaseTable = '' } = readCase('F14-unicode-table');
  await saved(table('orders', hbaseTable));
});

it('a prefix or a topic that Kafka would not keep beside that of another job is refused, naming both', async () => {
  await saved(table('first', 'orders', 'shop_'));
  expect(await save(table('second', 'orders', 'shop.'))).toMatchObject({
    status: 400,
    body: {
      field: 'source.config.pkuse.kafka.topic.prefix',
      detail: expect.stringMatching(
        /shop\.default_orders, which Kafka does not keep beside shop_default_orders of job 'first'/,
      ) as string,
    },
  });
  await saved(lines('third', 'all.lines'));
  const fourth = await save(lines('fourth', 'all_lines'));
  expect(fourth).toMatchObject({ status: 400, body: { field: 'source.config.topic' } });
  expect(fourth.body['detail']).toContain("of job 'third'");
});

it('an edit and a check are held to it, too, and no job stands in its own way', async () => {
  await saved(lines('first', 'all.lines'));
  const id = await saved(lines('second', 'other'));
  const put = (payload: object, version: number): ReturnType<ApiBed['ask']> =>
    bed.ask({
      method: 'PUT',
      url: `/api/v1/jobs/${id}`,
      headers: { 'if-match': `"${version}"` },
      payload,
    });
  expect(await put(lines('second', 'all_lines'), 1)).toMatchObject({ status: 400 });
  expect(await put(lines('renamed', 'oth.er'), 1)).toMatchObject({ status: 200 });
  expect(await put(lines('renamed', 'oth_er'), 2)).toMatchObject({ status: 200 });
  const check = async (payload: object): Promise<unknown> =>
    (await bed.ask({ method: 'POST', url: '/api/v1/jobs/validate', payload })).body['ok'];
  expect(await check(lines('renamed', 'oth.er'))).toBe(true);
  expect(await check(lines('one more', 'oth.er'))).toBe(false);
});

it('jobs of one table share its topic, but not with a sink that takes all that comes', async () => {
  await saved(lines('first', 'lines'));
  await saved(lines('second', 'lines'));
  const third = await save(lines('third', 'lines', { sink: foreignSink }));
  expect(third).toMatchObject({ status: 400, body: { field: 'source.config.topic' } });
  expect(third.body['detail']).toMatch(/topic lines of job '(first|second)', and this job’s sink/);
  await saved(lines('third', 'own-lines', { sink: foreignSink }));
  const fourth = await save(lines('fourth', 'own-lines'));
  expect(fourth.body['detail']).toContain("the sink of job 'third' may not be Syncline's");
});

it('is found among more jobs than are looked at in one go', async () => {
  await saved(lines('first', 'all.lines'));
  for (let n = 0; n < 55; n += 1) await saved(lines(`job ${n}`, `lines-${n}`));
  expect((await save(lines('last', 'all_lines'))).body['detail']).toContain("of job 'first'");
}, 60_000);
