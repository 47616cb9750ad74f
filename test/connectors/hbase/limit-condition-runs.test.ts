// Rows that were sent and pass their limitcondition no more, over the double of HBase: where a job follows deletes they go from the
// target, where it does not the report names them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hbaseSource } from '../../../connectors/hbase/source/source-connector.ts';
import type { Mutation } from '../../../connectors/hbase/client/messages/mutation.ts';
import { openDoubleBed } from '../../support/double-bed.ts';
import type { DoubleBed } from '../../support/double-bed.ts';
import { english } from '../../support/english.ts';
import { runLocally } from '../../support/local-run.ts';
import type { LocalRun } from '../../support/local-run.ts';

let bed: DoubleBed;
let tables = 0;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

const id = { sourceFiled: 'id', targetFiled: 'id', fieldType: 'varchar(40)', ispk: '1' };
const paid = { sourceFiled: 'd:paid', targetFiled: 'paid', fieldType: 'int', limitcondition: '> 5' };
const mapping: readonly Record<string, string>[] = [id, paid];

function putOf(row: string, column: string, value: string, at: number): Mutation {
  const [key, family, qualifier] = [Buffer.from(row), Buffer.from('d'), Buffer.from(column)];
  const rest = { timestamp: BigInt(at), type: 'put', value: Buffer.from(value) } as const;
  return { kind: 'put', row: key, cells: [{ row: key, family, qualifier, ...rest }] };
}

async function setup(policy: string, more: Record<string, string> = {}) {
  tables += 1;
  const table = `conditions_${tables}`;
  await bed.client.admin.createTable({ table, families: { d: {} }, splitKeys: [Buffer.from('k')] });
  let clock = Date.now() - 1_000_000;
  let runs = 0;
  const put = async (values: Readonly<Record<string, string>>, column = 'paid'): Promise<void> => {
    clock += 1;
    const puts = Object.entries(values).map(([row, value]) => putOf(row, column, value, clock));
    await bed.client.mutateRows(table, puts);
  };
  const configOf = (deletes: string, fields = mapping) =>
    bed.sourceConfig(table, fields, { 'hbase.deletes': deletes, ...more });
  const run = async (options: Partial<LocalRun> = {}) => {
    runs += 1;
    clock += 1;
    const { counts, doubts, source } = await runLocally({
      source: hbaseSource,
      sourceConfig: configOf(policy),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode: 'incremental',
      to: clock,
      ...options,
    });
    if (options.fails !== true)
      expect((counts.written ?? 0) + (counts.dirty ?? 0) + (counts.deleted ?? 0)).toBe(counts.emitted);
    return { counts, doubts: english(doubts), notes: english(source.notes) };
  };
  const rows = () => bed.target.readRows(table, ['id', 'paid']);
  return { put, run, rows, configOf };
}

const start = { a: '6', b: '7', z: '9' };
const both = [
  ['b', '7'],
  ['z', '9'],
];

describe.each(['markers', 'reconcile'])('%s: a row that passes no more', (policy) => {
  it('goes with the increment in whose window it changed; one that was never there is no error', async () => {
    const { put, run, rows } = await setup(policy);
    await put({ ...start, never: '1' });
    expect(await run()).toMatchObject({ doubts: [], counts: { written: 3, filtered: 1 } });
    await put({ a: '5', never: '2', new: '3' });
    expect(await run()).toMatchObject({ doubts: [], counts: { written: 0, deleted: 3, dirty: 0 } });
    expect(await rows()).toEqual(both);
  });

  it('goes with a full read when runs before had written it', async () => {
    const { put, run, rows } = await setup(policy);
    await put(start);
    await run({ fails: true });
    await put({ a: '5' });
    expect((await run({ mode: 'full' })).doubts).toEqual([]);
    expect(await rows()).toEqual(both);
  });

  it('comes back when it passes again', async () => {
    const { put, run, rows } = await setup(policy);
    await put(start);
    await run();
    await put({ a: '5' });
    await run();
    await put({ a: '8' });
    expect((await run()).doubts).toEqual([]);
    expect(await rows()).toEqual([['a', '8'], ...both]);
  });
});

it('reconcile finds those whose column no increment looks at, and rows without the column as the condition has it', async () => {
  const version = { sourceFiled: 'd:version', targetFiled: 'version', fieldType: 'int' };
  const { put, run, rows, configOf } = await setup('reconcile', { 'pkuse.incrementreadfields': 'version' });
  const sourceConfig = configOf('reconcile', [id, { ...paid, limitcondition: 'is null' }, version]);
  await put({ a: '1', b: '2', z: '3' }, 'version');
  expect((await run({ sourceConfig })).doubts).toEqual([]);
  await put({ z: '5' });
  expect((await run({ sourceConfig })).doubts).toEqual([]);
  expect((await rows()).map(([key]) => key)).toEqual(['a', 'b']);
});

it('markers do not find those that changed while the job ignored deletes: said until a full run', async () => {
  const { put, run, rows, configOf } = await setup('ignore');
  await put(start);
  await run();
  await put({ a: '5' });
  await run();
  const sourceConfig = configOf('markers');
  expect((await run({ sourceConfig })).doubts).toEqual([
    expect.stringContaining('may still be in the target'),
  ]);
  expect((await run({ sourceConfig, mode: 'full' })).doubts).toEqual([]);
  expect(await rows()).toEqual(both);
});

it('ignore leaves them, and the report names them', async () => {
  const { put, run, rows } = await setup('ignore');
  await put(start);
  await run();
  await put({ a: '5' });
  const { doubts, notes, counts } = await run();
  expect(doubts).toEqual([]);
  expect(counts).toMatchObject({ filtered: 1, deleted: 0 });
  expect(notes).toContainEqual(
    expect.stringMatching(
      /^deletes not followed: rows deleted in the source, and rows .*limitcondition.* stay/,
    ),
  );
  expect(await rows()).toEqual([['a', '6'], ...both]);
});
