// A source table that is dropped and made again under its name, over the double of HBase: its rows may have timestamps before any window,
// and those of the former table left no markers.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hbaseSource } from '../../../connectors/hbase/source/source-connector.ts';
import { openDoubleBed } from '../../support/double-bed.ts';
import type { DoubleBed } from '../../support/double-bed.ts';
import { english } from '../../support/english.ts';
import { dropTable } from '../../support/hbase-cluster.ts';
import { runLocally } from '../../support/local-run.ts';

const hourMs = 3_600_000;
const anew: unknown = expect.stringMatching(/^the source table was, or may have been, made anew .*mode full/);
const left: unknown = expect.stringMatching(
  /^rows of the source table as it was before .* may still be in the target/,
);
let bed: DoubleBed;
let tables = 0;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

const mapping = [
  { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(40)', ispk: '1' },
  { sourceFiled: 'd:v', targetFiled: 'v', fieldType: 'varchar(40)' },
];

async function setup(policy: string) {
  tables += 1;
  const table = `anew_${tables}`;
  let clock = Date.now() - 10 * hourMs;
  let runs = 0;
  const make = () => bed.client.admin.createTable({ table, families: { d: {} } });
  const put = async (values: Readonly<Record<string, string>>, ageMs = 0): Promise<void> => {
    clock += 1;
    const puts = Object.entries(values).map(([key, value]) => {
      const row = Buffer.from(key);
      const cell = { family: Buffer.from('d'), qualifier: Buffer.from('v'), value: Buffer.from(value) };
      const stamp = { timestamp: BigInt(clock - ageMs), type: 'put' } as const;
      return { kind: 'put', row, cells: [{ row, ...cell, ...stamp }] } as const;
    });
    await bed.client.mutateRows(table, puts);
  };
  const run = async (mode: 'full' | 'incremental' = 'incremental', fails = false) => {
    runs += 1;
    clock += 1;
    const { doubts } = await runLocally({
      source: hbaseSource,
      sourceConfig: bed.sourceConfig(table, mapping, { 'hbase.deletes': policy }),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode,
      to: clock,
      fails,
    });
    return english(doubts);
  };
  const makeAnew = async () => {
    await dropTable(bed.client, table);
    await make();
    await put({ a: 'new' }, hourMs);
    await put({ c: 'new' });
  };
  await make();
  await put({ a: 'old', b: 'old' });
  expect(await run('full')).toEqual([]);
  return { table, put, run, makeAnew, rows: () => bed.target.readRows(table, ['id', 'v']) };
}

const anewRows = [
  ['a', 'new'],
  ['c', 'new'],
];

describe.each(['ignore', 'markers', 'reconcile'])(
  '%s: a source table made anew between two runs',
  (policy) => {
    it('keeps increments in doubt until a full run is complete', async () => {
      const { run, makeAnew } = await setup(policy);
      await makeAnew();
      expect(await run()).toContainEqual(anew);
      expect(await run()).toContainEqual(anew);
      await run('full', true);
      expect(await run()).toContainEqual(anew);
      expect(await run('full')).not.toContainEqual(anew);
      expect(await run()).not.toContainEqual(anew);
    });
  },
);

it('reconcile: the full run leaves what the new table has, and nothing in doubt', async () => {
  const { run, makeAnew, rows } = await setup('reconcile');
  await makeAnew();
  expect(await run('full')).toEqual([]);
  expect(await run()).toEqual([]);
  expect(await rows()).toEqual(anewRows);
});

it('markers: no marker tells of the rows of the former table: said by the full run, and by those behind it', async () => {
  const { run, makeAnew, rows } = await setup('markers');
  await makeAnew();
  expect(await run('full')).toEqual([left]);
  expect(await rows()).toEqual([
    ['a', 'new'],
    ['b', 'old'],
    ['c', 'new'],
  ]);
  expect(await run()).toEqual([left]);
});

it('rows that come, and a failed full run, make no table anew', async () => {
  const { put, run } = await setup('ignore');
  await put({ c: 'new' });
  expect(await run('full', true)).toEqual([]);
  expect(await run()).toEqual([]);
});
