// Where a job's templates stand in the configuration of an HBase source.
import { expect, it } from 'vitest';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';
import { fillConfig } from '../../../../src/core/template/fill-config.ts';
import type { Value } from '../../../../src/core/template/parameter.ts';
import { utc } from '../../../../src/core/time/time-zone.ts';

const fill = (text: string, limitcondition: string) => {
  const values = new Map<string, Value>([
    ['business.date', { type: 'date', day: 20_850 }],
    ['name', { type: 'text', text }],
  ]);
  const mapping = [
    { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(32)', ispk: '1' },
    { sourceFiled: 'f:name', targetFiled: 'name', fieldType: 'varchar(32)', limitcondition },
  ];
  const config = {
    'pkuse.hbase.ip': 'zk',
    'pkuse.hbase.table.name': 'orders',
    'pkuse.hbase.filed.columnsKey': 'id',
    'pkuse.hbase.filed.mapping': JSON.stringify(mapping),
    'hbase.start.row': '${business.date:yyyyMMdd}_',
    'hbase.stop.row': '${business.date+1d:yyyyMMdd}_',
  };
  return fillConfig(config, hbaseSource.configDef, { values, zone: utc });
};

it('conditions of the mapping get a literal that no value ends, and rows their key', () => {
  const { config, problems, used } = fill("O'Hara\" or = 'x", '= ${name}');
  expect(problems).toEqual([]);
  const mapping = JSON.parse(config['pkuse.hbase.filed.mapping'] ?? '') as { limitcondition?: string }[];
  expect(mapping.map(({ limitcondition }) => limitcondition)).toEqual([undefined, "= 'O''Hara\" or = ''x'"]);
  expect(config['hbase.start.row']).toBe('20270201_');
  expect(config['hbase.stop.row']).toBe('20270202_');
  expect([...used].sort()).toEqual(['business.date', 'name']);
  expect(hbaseSource.validate(config)).toEqual([]);
});

it('a mapping that can not be read stays as it is, for whoever reads it to complain', () => {
  const { config, problems } = fillConfig(
    { 'pkuse.hbase.filed.mapping': '[{${name}' },
    hbaseSource.configDef,
    {
      values: new Map(),
      zone: utc,
    },
  );
  expect(config).toEqual({ 'pkuse.hbase.filed.mapping': '[{${name}' });
  expect(problems).toEqual([]);
});

it('a template in quotes is refused by the key of the mapping', () => {
  expect(fill('x', "= '${name}'").problems).toEqual([
    { key: 'pkuse.hbase.filed.mapping', message: expect.stringContaining('stands in quotes') as string },
  ]);
});
