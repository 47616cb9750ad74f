// Deletes, on a real HBase: random puts, partial updates, deletes of columns and rows, flushes and compactions between runs; after
// each run the target of each policy equals the table, as far as the policy promises. Seeds are printed with a failure.
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { decodeCells } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { Cell } from '../../connectors/hbase/client/wire/cell-block.ts';
import type { HBaseClient } from '../../connectors/hbase/client/client.ts';
import type { Mutation } from '../../connectors/hbase/client/messages/mutation.ts';
import { openSqliteBed } from '../connectors/sqlite/sqlite-bed.ts';
import type { SinkBed } from '../conformance/sink-bed.ts';
import { english } from '../support/english.ts';
import { runLocally } from '../support/local-run.ts';
import { createRandom } from '../support/random.ts';
import { readColumns } from '../support/read-columns.ts';
import { waitUntil } from '../support/wait-until.ts';
import { connectHbase, dropTable, hbaseJobSource, mappingOf } from '../support/hbase-cluster.ts';

const stack = inject('stack');
const families = ['d', 'e'];
const columns = ['d:a', 'd:b', 'e:c'] as const;
const everything = { start: Buffer.alloc(0), stop: Buffer.alloc(0) };
const policies = ['markers', 'reconcile'] as const;

describe.skipIf(stack === null)('with HBase', () => {
  let client: HBaseClient;
  let target: SinkBed;
  const made: string[] = [];
  beforeAll(async () => {
    if (stack === null) return;
    client = connectHbase(stack.hbase);
    target = await openSqliteBed();
  });
  afterAll(async () => {
    for (const table of made) {
      await dropTable(client, table);
    }
    client.close();
    await target.close();
  });

  const setup = async (seed: number) => {
    const table = `deletes_${process.pid}_${Date.now().toString(36)}_${seed}`;
    made.push(table);
    await client.admin.createTable({
      table,
      families: { d: {}, e: {} },
      splitKeys: [Buffer.from('k3')],
    });
    const random = createRandom(seed);
    // Every change has a time of its own, long ago, so that windows can end wherever the test wants.
    let clock = Date.now() - 1_000_000;
    const tick = (): bigint => BigInt((clock += 1 + random(3)));
    const run = async (
      policy: (typeof policies)[number],
      round: number,
      mode: 'full' | 'incremental' = 'incremental',
    ) =>
      runLocally({
        source: hbaseSource,
        sourceConfig: sourceConfig(table, policy),
        sink: target.plugin,
        sinkConfig: target.configOf(`${table}_${policy}`),
        job: `${table}_${policy}`,
        taskId: `task-${round}`,
        mode,
        to: clock + 1,
      });
    const change = (partial: boolean): Mutation => {
      const row = Buffer.from(`k${random(6)}${random(5)}${random(5) === 0 ? '\t中' : ''}`);
      const dice = random(10);
      if (dice < 6) return putOf(row, random, tick());
      if (dice < 8 && partial) return deleteColumn(row, columns[random(3)] ?? 'd:a', tick());
      return deleteRow(row, tick());
    };
    const changes = (count: number, partial: boolean): Promise<void> => {
      const mutations = Array.from({ length: count }, () => change(partial));
      return mutations.reduce(async (before, mutation) => {
        await before;
        await client.mutateRows(table, [mutation]);
      }, Promise.resolve());
    };
    return { table, random, run, changes, seed };
  };
  type Desk = Awaited<ReturnType<typeof setup>>;

  const sourceConfig = (table: string, policy: string) => ({
    'connector.class': 'HBaseSource',
    ...hbaseJobSource(stack, table, mappingOf(columns)).config,
    'pkuse.datasyntype': '2',
    'hbase.deletes': policy,
  });

  const expectEqual = async ({ table, seed }: Desk, policy: (typeof policies)[number]): Promise<void> => {
    const rows = await target.readRows(`${table}_${policy}`, ['id', 'a', 'b', 'c']);
    expect([`seed ${seed}, ${policy}`, ...rows]).toEqual([
      `seed ${seed}, ${policy}`,
      ...(await readColumns(client, table, columns)),
    ]);
  };
  const markers = async (table: string): Promise<number> => {
    let found = 0;
    for await (const { buffer, rowCount, rowStarts } of client.scan({
      table,
      range: everything,
      raw: true,
      maxVersions: 100,
    }))
      found += decodeCells(Buffer.from(buffer), rowStarts[0] ?? 0, rowStarts[rowCount] ?? 0).filter(
        ({ type }) => type !== 'put',
      ).length;
    return found;
  };
  const compact = async (table: string): Promise<void> => {
    await client.flushTable(table);
    await client.compactTable(table);
    await waitUntil('a major compaction that takes the markers', async () => (await markers(table)) === 0);
  };

  it('after each run the target equals the table, by markers and by comparison of keys', async () => {
    const seed = Date.now() % 100_000;
    const desk = await setup(seed);
    await desk.changes(40, true);
    // The third file of a store starts a compaction of all of them, which takes the markers that no run has seen.
    let files = 0;
    for (let round = 0; round < 6; round += 1) {
      if (round > 0) await desk.changes(15 + desk.random(20), true);
      if (files < 2 && desk.random(2) === 0) {
        await client.flushTable(desk.table);
        files += 1;
      }
      for (const policy of policies) {
        const { counts } = await desk.run(policy, round);
        expect((counts.written ?? 0) + (counts.dirty ?? 0) + (counts.deleted ?? 0)).toBe(counts.emitted);
        await expectEqual(desk, policy);
      }
      // What the runs have seen may go.
      if (desk.random(3) === 0) {
        await compact(desk.table);
        files = 1;
      }
    }
    // Rows deleted and compacted away before the run: only a comparison of keys finds them.
    await desk.changes(40, false);
    await compact(desk.table);
    expect((await desk.run('reconcile', 6)).counts.removed).toBeGreaterThan(0);
    await expectEqual(desk, 'reconcile');
  }, 60_000);

  it('a full run later on follows the deletes since the last run by their markers, too', async () => {
    const desk = await setup(11);
    await desk.changes(60, false);
    await desk.run('markers', 0);
    await desk.changes(40, false);
    const { counts } = await desk.run('markers', 1, 'full');
    expect(counts.deleted).toBeGreaterThan(0);
    await expectEqual(desk, 'markers');
  });

  it('a table made anew is told from one whose regions are split, flushed and compacted', async () => {
    const desk = await setup(12);
    const { table } = desk;
    const doubtsOf = async (...round: Parameters<Desk['run']>) =>
      english((await desk.run(...round)).doubts).filter((doubt) => doubt.includes('made anew'));
    await desk.changes(60, false);
    expect(await doubtsOf('reconcile', 0, 'full')).toEqual([]);
    await compact(table);
    const [first] = await client.regions(table);
    if (first === undefined) throw new Error(`${table} has no region`);
    await client.admin.splitRegion(first, Buffer.from('k2'));
    const isSplit = async () => (await client.regions(table)).length === 3;
    await waitUntil('a region split', isSplit, 30_000);
    expect(await doubtsOf('reconcile', 1)).toEqual([]);
    await dropTable(client, table);
    await client.admin.createTable({ table, families: { d: {}, e: {} } });
    await desk.changes(20, false);
    expect(await doubtsOf('reconcile', 2)).toEqual([expect.stringContaining('run once with mode full')]);
    expect(await doubtsOf('reconcile', 3)).toHaveLength(1);
    expect(await doubtsOf('reconcile', 4, 'full')).toEqual([]);
    await expectEqual(desk, 'reconcile');
  }, 120_000);
});

function putOf(row: Buffer, random: (below: number) => number, timestamp: bigint): Mutation {
  const chosen = columns.filter(() => random(2) === 0);
  const cells = (chosen.length === 0 ? ['d:a'] : chosen).map((column) =>
    cellOf(row, column, { timestamp, type: 'put', value: `v${random(1_000)}\n` }),
  );
  return { kind: 'put', row, cells };
}

function deleteColumn(row: Buffer, column: string, timestamp: bigint): Mutation {
  return {
    kind: 'delete',
    row,
    cells: [cellOf(row, column, { timestamp, type: 'deleteColumn', value: '' })],
  };
}

function deleteRow(row: Buffer, timestamp: bigint): Mutation {
  const cells = families.map((family) =>
    cellOf(row, `${family}:`, { timestamp, type: 'deleteFamily', value: '' }),
  );
  return { kind: 'delete', row, cells };
}

function cellOf(
  row: Buffer,
  column: string,
  cell: { readonly timestamp: bigint; readonly type: Cell['type']; readonly value: string },
): Cell {
  const [family, qualifier] = [column.slice(0, 1), column.slice(2)];
  return {
    ...cell,
    row,
    family: Buffer.from(family),
    qualifier: Buffer.from(qualifier),
    value: Buffer.from(cell.value),
  };
}
