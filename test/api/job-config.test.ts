// What a job's configurations must be before it is saved: checked with what the executor will add to them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPlugins } from '../../connectors/registry.ts';
import { jobBody, setupApi } from './setup-api.ts';
import type { ApiBed } from './setup-api.ts';

const source = {
  connector: 'io.syncline.hbase.HBaseSourceConnector',
  config: {
    'pkuse.hbase.ip': 'zk',
    'pkuse.hbase.table.name': 'pay_log',
    'pkuse.hbase.filed.mapping':
      '[{"sourceFiled":"rowkey()","targetFiled":"id","fieldType":"varchar(32)","ispk":"1"}]',
  },
};
const sink = {
  connector: 'io.syncline.mysql.MySqlSinkConnector',
  config: { 'connection.url': 'jdbc:mysql://db:3306/shop', 'connection.user': 'u', 'auto.create': 'true' },
};

describe('the configurations of a job', () => {
  let bed: ApiBed;
  beforeEach(async () => {
    bed = await setupApi({ plugins: createPlugins({ fileRoot: '/files' }) });
  });
  afterEach(() => bed.close());

  const problemsOf = async (more: { source?: object; sink?: object; mode?: string }): Promise<unknown> => {
    const payload = {
      ...jobBody({ mode: more.mode ?? 'incremental' }),
      source: { ...source, config: { ...source.config, ...more.source } },
      sink: { ...sink, config: { ...sink.config, ...more.sink } },
      webhook: null,
    };
    const { body } = await bed.ask({ method: 'POST', url: '/api/v1/jobs/validate', payload });
    return (body as unknown as { problems: { field: string; message: string }[] }).problems.map(
      ({ field, message }) => `${field}: ${message}`,
    );
  };

  it('may leave the table to its documented default, ${topic}', async () => {
    expect(await problemsOf({})).toEqual([]);
    expect(await problemsOf({ sink: { topics: 'default_pay_log' } })).toEqual([]);
  });

  it.each([
    [{ sink: { 'dirty.limit': '5' } }, 'sink.config.dirty.limit', 'policy.dirtyLimit'],
    [{ sink: { topics: 'another' } }, 'sink.config.topics', 'default_pay_log'],
    [{ source: { 'pkuse.datasyntype': '1' } }, 'source.config.pkuse.datasyntype', 'incremental'],
    [{ source: { 'pkuse.lastincrementvalue': '7' } }, 'source.config.pkuse.lastincrementvalue', 'watermark'],
    [{ source: { 'org.pkuse.kafka.broker': 'k:9092' } }, 'source.config.org.pkuse.kafka.broker', 'executor'],
    [{ sink: { 'a\u202eb': '1' } }, 'sink.config.a�b', 'name of a key'],
  ])('may not say what would be written over: %#', async (more, field, said) => {
    expect(await problemsOf(more)).toEqual([
      expect.stringMatching(new RegExp(`^${field.replaceAll('.', '\\.')}: .*${said}`)),
    ]);
  });

  it('name two ways with rows that are gone, of which the target knows one', async () => {
    const problems = await problemsOf({
      source: { 'hbase.deletes': 'markers' },
      sink: { 'delete.enabled': 'false' },
    });
    expect(problems).toEqual([
      expect.stringMatching(/^sink\.config\.delete\.enabled: .*hbase\.deletes=markers/),
    ]);
  });
});
