// Deletes, over the double of HBase: whatever is put and deleted, flushed and compacted between runs, the target follows, as far as
// the policy promises:
//   markers    after every run the target equals the table, provided that no marker went by a compaction before a run saw it, and that
//              single versions are deleted before a run has read them (the marker of one bears the version's time, not its own)
//   reconcile  after every run the target has the table's rows; after a full run it equals the table. Without any provision
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';
import { english } from '../../../support/english.ts';
import { runLocally } from '../../../support/local-run.ts';
import { readColumns } from '../../../support/read-columns.ts';
import { changedColumns, mutationOf } from '../../../support/table-changes.ts';
import type { TableChange } from '../../../support/table-changes.ts';
import { mappingOf } from '../../../support/hbase-cluster.ts';
import { openDoubleBed } from '../../../support/double-bed.ts';
import type { DoubleBed } from '../../../support/double-bed.ts';

let bed: DoubleBed;
let tables = 0;

beforeAll(async () => {
  bed = await openDoubleBed();
});

afterAll(() => bed.close());

type Step = TableChange | { readonly kind: 'flush' } | { readonly kind: 'compact' };
/** What happens before each run. */
type History = readonly (readonly Step[])[];

const row = fc.constantFrom('a', 'k', 'k\t中', 'z');
const column = fc.constantFrom(...changedColumns);
const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put'), row, columns: columnsOf() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('row'), row }) },
  fc.record({ kind: fc.constant('family'), row, family: fc.constantFrom('d', 'e') }),
  fc.record({ kind: fc.constant('column'), row, column }),
  // `version` says how far to go back, until it is looked up.
  fc.record({ kind: fc.constant('version'), row, column, version: fc.nat(1) }),
  fc.record({ kind: fc.constant('flush') }),
) as fc.Arbitrary<Step>;
const compaction = fc.constant<Step>({ kind: 'compact' });
const anyTime = fc.oneof({ weight: 9, arbitrary: change }, { weight: 1, arbitrary: compaction });

function columnsOf(): fc.Arbitrary<(typeof changedColumns)[number][]> {
  return fc.uniqueArray(column, { minLength: 1, maxLength: 3 });
}

function historyOf(step: fc.Arbitrary<Step>): fc.Arbitrary<Step[][]> {
  return fc.array(fc.array(step, { minLength: 1, maxLength: 30 }), { minLength: 3, maxLength: 3 });
}

async function setup(policy: 'markers' | 'reconcile') {
  tables += 1;
  const table = `policies_${tables}`;
  await bed.client.admin.createTable({
    table,
    families: { d: { VERSIONS: '2' }, e: {} },
    splitKeys: [Buffer.from('k')],
  });
  let clock = Date.now() - 1_000_000;
  let windowFrom = 0;
  const versions = new Map<string, number[]>();
  const versionAt = (step: TableChange & { kind: 'version' }): number =>
    versions.get(`${step.row} ${step.column}`)?.at(-1 - step.version) ?? 0;
  const play = async (steps: readonly Step[], seenVersions: boolean): Promise<void> => {
    for (const step of steps) {
      clock += 1;
      if (step.kind === 'flush') await bed.client.flushTable(table);
      else if (step.kind === 'compact') await bed.client.compactTable(table);
      else if (step.kind === 'version') {
        const version = versionAt(step);
        if (version > 0 && (seenVersions || version >= windowFrom))
          await bed.client.mutateRows(table, [mutationOf({ ...step, version }, clock)]);
      } else {
        await bed.client.mutateRows(table, [mutationOf(step, clock)]);
        if (step.kind !== 'put') continue;
        for (const name of step.columns) {
          const place = `${step.row} ${name}`;
          versions.set(place, [...(versions.get(place) ?? []), clock]);
        }
      }
    }
  };
  let runs = 0;
  const run = async (mode: 'full' | 'incremental'): Promise<readonly string[]> => {
    runs += 1;
    const { counts, doubts } = await runLocally({
      source: hbaseSource,
      sourceConfig: bed.sourceConfig(table, mappingOf(changedColumns), { 'hbase.deletes': policy }),
      sink: bed.target.plugin,
      sinkConfig: bed.target.configOf(table),
      job: table,
      taskId: `task-${runs}`,
      mode,
      to: clock + 1,
    });
    windowFrom = clock + 1;
    expect((counts.written ?? 0) + (counts.dirty ?? 0) + (counts.deleted ?? 0)).toBe(counts.emitted);
    expect((counts.emitted ?? 0) + (counts.filtered ?? 0)).toBe(counts.read);
    return english(doubts);
  };
  /** Writes as its own writer would who stamps cells with times of the past. */
  const putInPast = (row: string): Promise<unknown> => {
    const step = { kind: 'put', row, columns: [changedColumns[0]] } as const;
    return bed.client.mutateRows(table, [mutationOf(step, clock - 600_000)]);
  };
  const rows = async (): Promise<{ source: unknown[][]; target: unknown[][] }> => ({
    source: (await readColumns(bed.client, table, changedColumns)) as unknown[][],
    target: (await bed.target.readRows(table, ['id', 'a', 'b', 'c'])) as unknown[][],
  });
  return { table, play, run, rows, putInPast };
}

it('by markers the target equals the table after every run, as long as runs see them', async () => {
  const follow = async (history: History): Promise<void> => {
    const { table, play, run, rows } = await setup('markers');
    for (const [round, steps] of history.entries()) {
      await play(steps, false);
      await run('incremental');
      const found = await rows();
      expect(found.target).toEqual(found.source);
      // What a run has seen may go.
      if (round % 2 === 1) await bed.client.compactTable(table);
    }
  };
  await fc.assert(fc.asyncProperty(historyOf(change), follow), { numRuns: 2 });
});

it('by comparison of keys the target has the rows of the table after every run, and equals it after a full one', async () => {
  const follow = async (history: History): Promise<void> => {
    const { play, run, rows } = await setup('reconcile');
    for (const [round, steps] of history.entries()) {
      await play(steps, true);
      const isLast = round === history.length - 1;
      await run(isLast ? 'full' : 'incremental');
      const found = await rows();
      if (isLast) expect(found.target).toEqual(found.source);
      else expect(found.target.map(([id]) => id)).toEqual(found.source.map(([id]) => id));
    }
  };
  await fc.assert(fc.asyncProperty(historyOf(anyTime), follow), { numRuns: 2 });
});

it('a marker that a compaction took before a run is what markers can not follow, and a comparison of keys can', async () => {
  const gone: History = [
    [
      { kind: 'put', row: 'a', columns: ['d:a'] },
      { kind: 'put', row: 'k', columns: ['d:a'] },
    ],
    [{ kind: 'row', row: 'a' }, { kind: 'compact' }],
  ];
  const left = async (policy: 'markers' | 'reconcile'): Promise<unknown[]> => {
    const { play, run, rows } = await setup(policy);
    for (const steps of gone) {
      await play(steps, true);
      await run('incremental');
    }
    return (await rows()).target.map(([id]) => id);
  };
  expect(await left('markers')).toEqual(['a', 'k']);
  expect(await left('reconcile')).toEqual(['k']);
});

it.each(['markers', 'reconcile'] as const)('%s follows a table that is empty by now', async (policy) => {
  const { play, run, rows } = await setup(policy);
  const all = ['a', 'k', 'z'];
  await play(
    all.map((row) => ({ kind: 'put', row, columns: ['d:a'] })),
    true,
  );
  await run('incremental');
  await play(
    all.map((row) => ({ kind: 'row', row })),
    true,
  );
  await run('incremental');
  expect((await rows()).target).toEqual([]);
});

it('a comparison of keys finds rows that were written with timestamps of the past, until a full run has written them', async () => {
  const { play, run, rows, putInPast } = await setup('reconcile');
  await play([{ kind: 'put', row: 'a', columns: [changedColumns[0]] }], false);
  expect(await run('incremental')).toEqual([]);
  await play([{ kind: 'put', row: 'z', columns: [changedColumns[0]] }], false);
  expect(await run('incremental')).toEqual([]);
  await putInPast('k');
  const lacking = [expect.stringContaining('the target lacks rows')];
  expect(await run('incremental')).toEqual(lacking);
  expect(await run('incremental')).toEqual(lacking);
  expect(await run('full')).toEqual([]);
  expect(await run('incremental')).toEqual([]);
  const { source, target } = await rows();
  expect(target).toEqual(source);
});
