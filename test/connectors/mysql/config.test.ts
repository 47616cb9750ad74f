import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { readMysqlSinkConfig } from '../../../connectors/mysql/config.ts';
import { mysqlSink } from '../../../connectors/mysql/sink-connector.ts';

// The sink's configuration as article 003 prints it.
const printed = {
  'connector.class': 'io.confluent.connect.jdbc.MyJdbcSinkConnector',
  'tasks.max': '1',
  topics: 'default_test_employee01_2021_06_17',
  'connection.url':
    'jdbc:mysql://192.168.130.247:3306/test03? autoReconnect=true&useUnicode=true&characterEncoding=utf-8&useSSL=false',
  'connection.user': 'root',
  'connection.password': 'root',
  'table.name.format': 'test03.employee01_2021_06_17',
  'auto.create': 'true',
  'pk.fields': 'id',
  'pk.mode': 'record_value',
  'insert.mode': 'upsert',
  'write.mode': '1',
  'batch.size': '3000',
  'org.pkuse.kafka.broker': '192.168.1.176:9092',
  'pkuse.task.id': '100003',
};

const problemsOf = (change: Record<string, string>): readonly (readonly [string, string])[] =>
  mysqlSink.validate({ ...printed, ...change }).map((problem) => [problem.key, problem.message]);

describe('the configuration of the MySQL sink', () => {
  it('is read from the request that article 003 prints', () => {
    expect(mysqlSink.validate(printed)).toEqual([]);
    expect(readMysqlSinkConfig(printed)).toMatchObject({
      schema: 'test03',
      table: 'employee01_2021_06_17',
      autoCreate: true,
      keyMode: 'record_value',
      keyFields: ['id'],
      insertMode: 'upsert',
      keysMayMerge: false,
      target: { host: '192.168.130.247', port: 3306, user: 'root', password: 'root' },
    });
  });

  it('takes the table from the topic, whose dots do not lead to another database', () => {
    const read = readMysqlSinkConfig({ ...printed, 'table.name.format': '${topic}', topics: 'mysql.user' });
    expect(read).toMatchObject({ schema: 'test03', table: 'mysql.user' });
    const prefixed = { ...printed, 'table.name.format': 'dw.x_${topic}', topics: 'orders' };
    expect(readMysqlSinkConfig(prefixed)).toMatchObject({ schema: 'dw', table: 'x_orders' });
    const quoted = { ...printed, 'table.name.format': '"Sales.EU".`Order Lines`' };
    expect(readMysqlSinkConfig(quoted)).toMatchObject({ schema: 'Sales.EU', table: 'Order Lines' });
    expect(problemsOf({ 'table.name.format': '${topic}', topics: 'a,b' })[0]?.[0]).toBe('topics');
    expect(problemsOf({ 'table.name.format': '${topic}', topics: '' })[0]?.[0]).toBe('table.name.format');
  });

  it.each([
    ['table.name.format', 'a.b.c'],
    ['table.name.format', 'test03.'],
    ['table.name.format', 'x`; DROP TABLE y;--'],
    ['table.name.format', 'x\0y'],
    ['table.name.format', 'x'.repeat(65)],
    ['table.name.format', 'information_schema.tables'],
    ['table.name.format', 'MYSQL.user'],
    ['table.name.format', 'test03.syncline_job'],
    ['table.name.format', 'emoji😀'],
    ['pk.fields', 'id,a`b'],
    ['pk.mode', 'kafka'],
    ['insert.mode', 'merge'],
    ['auto.create', 'maybe'],
    ['write.mode', '2'],
    ['connection.user', ''],
    ['connection.url', 'jdbc:mysql://h/information_schema'],
  ])('names the key of a wrong value: %s = %s', (key, value) => {
    const change = key === 'connection.url' ? { 'table.name.format': 't', [key]: value } : { [key]: value };
    expect(problemsOf(change)[0]?.[0]).toBe(key);
  });

  it('loads a table beside the target with write.mode=0, and refuses what would have no effect then', () => {
    expect(readMysqlSinkConfig(printed)).toMatchObject({ loadsAside: false });
    expect(readMysqlSinkConfig({ ...printed, 'write.mode': '0' })).toMatchObject({ loadsAside: true });
    for (const change of [{ 'insert.mode': 'update' }, { 'delete.enabled': 'false' }])
      expect(problemsOf({ 'write.mode': '0', ...change })).toEqual([
        ['write.mode', expect.stringContaining(Object.keys(change)[0] ?? '')],
      ]);
    expect(mysqlSink.fullOnly?.(printed)).toBeNull();
    expect(mysqlSink.fullOnly?.({ ...printed, 'write.mode': '0' })).toContain('write.mode=0');
  });

  it('refuses an upsert without a key', () => {
    expect(problemsOf({ 'pk.mode': 'none' })).toEqual([
      ['pk.mode', expect.stringContaining('insert.mode=upsert')],
    ]);
    expect(problemsOf({ 'pk.mode': 'none', 'insert.mode': 'insert' })).toEqual([]);
    const nowhere = { 'connection.url': 'jdbc:mysql://h', 'table.name.format': 'orders' };
    expect(problemsOf(nowhere)).toEqual([['table.name.format', expect.stringContaining('no database')]]);
  });

  it('has an identity that changes with target, table, key and insert mode only, and holds no secret', () => {
    const identity = mysqlSink.identity(printed);
    const same = {
      'connection.password': 'other',
      'connection.user': 'other',
      'pkuse.task.id': '7',
      'auto.create': 'false',
      'batch.size': '1',
    };
    expect(mysqlSink.identity({ ...printed, ...same })).toBe(identity);
    expect(identity).not.toContain('root');
    for (const change of [
      { 'connection.url': 'jdbc:mysql://192.168.130.248:3306/test03' },
      { 'connection.url': 'jdbc:mysql://192.168.130.247:3307/test03' },
      { 'table.name.format': 'test04.employee01_2021_06_17' },
      { 'pk.fields': 'id,name' },
      { 'insert.mode': 'insert' },
    ] as Record<string, string>[])
      expect(mysqlSink.identity({ ...printed, ...change })).not.toBe(identity);
  });

  it('takes certificates of whom to trust as PEM text, beside a mode that asks for them', () => {
    const url = (mode: string): string => `jdbc:mysql://h/d?sslMode=${mode}`;
    const two = rootCertificates.slice(0, 2).join('\n');
    const change = { 'connection.url': url('VERIFY_CA'), 'connection.tls.ca': two };
    expect(problemsOf(change)).toEqual([]);
    expect(readMysqlSinkConfig({ ...printed, ...change }).target).toMatchObject({
      tls: 'verify_ca',
      ca: two,
    });
    const half = two.slice(0, -60);
    for (const ca of ['/etc/ssl/ca.pem', half])
      expect(problemsOf({ ...change, 'connection.tls.ca': ca })).toEqual([
        ['connection.tls.ca', expect.stringContaining('PEM') as string],
      ]);
    expect(problemsOf({ ...change, 'connection.url': url('REQUIRED') })).toEqual([
      ['connection.tls.ca', expect.stringContaining('no effect unless') as string],
    ]);
  });
});
