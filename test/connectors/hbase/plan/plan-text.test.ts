// The HBase source's plan as text: small however many splits and fields it has, and read back as what was written.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readShared, readSplit, writeSplit } from '../../../../connectors/hbase/plan/plan-text.ts';
import type { HBaseSplit } from '../../../../connectors/hbase/plan/plan-text.ts';
import { maxRowKeyBytes } from '../../../../connectors/hbase/client/key-range.ts';
import { hbaseSource } from '../../../../connectors/hbase/source/source-connector.ts';
import { readSourceRun } from '../../../../src/worker/run-config.ts';
import { readOrMakePlan } from '../../../../src/worker/source/kept-plan.ts';
import type { ConnectorConfig } from '../../../../src/core/connector/config-def.ts';
import type { SourceTask } from '../../../../src/core/connector/contract.ts';
import { createMemoryLog } from '../../../../src/log/memory/memory-log.ts';
import { openingOf } from '../../../support/task-opening.ts';
import { openDoubleBed } from '../../../support/double-bed.ts';
import type { DoubleBed } from '../../../support/double-bed.ts';
import { createTaskBed } from '../../../support/task-bed.ts';
import { RowCollector } from '../cell-rows.ts';

const splits = 4_096;
const fields = 50;

/** As long as most keys are. */
function keyOf(split: number): string {
  return `customer-${String(split).padStart(8, '0')}`;
}

/** Reading all splits would tell no more, and take a minute. */
function hasRow(split: number): boolean {
  return split % 256 === 0 || split === splits - 1;
}

function cellOf(row: Buffer, column: string) {
  const qualifier = Buffer.from(column);
  const place = { row, family: Buffer.from('d'), qualifier, timestamp: 1_700_000_000_000n };
  return { ...place, type: 'put', value: Buffer.from('v') } as const;
}

describe('a plan of 4,096 splits over 50 fields', () => {
  let bed: DoubleBed;
  let config: ConnectorConfig;
  let task: SourceTask;
  beforeAll(async () => {
    bed = await openDoubleBed();
    const columns = Array.from({ length: fields }, (_, field) => `column_${field}`);
    const keys = Array.from({ length: splits }, (_, split) => Buffer.from(keyOf(split)));
    await bed.client.admin.createTable({ table: 'wide', families: { d: {} }, splitKeys: keys.slice(1) });
    await bed.client.mutateRows(
      'wide',
      keys
        .filter((_, split) => hasRow(split))
        .map((row) => ({ kind: 'put', row, cells: columns.map((column) => cellOf(row, column)) })),
    );
    config = bed.sourceConfig('wide', [
      { sourceFiled: 'id', targetFiled: 'id', fieldType: 'string' },
      ...columns.map((column) => ({ sourceFiled: column, targetFiled: column, fieldType: 'string' })),
    ]);
    task = await hbaseSource.openTask(openingOf(config));
  }, 120_000);
  afterAll(async () => {
    await task.close();
    await bed.close();
  });

  it('is kept in some hundred kB, and gives the same reads when it is read back', async () => {
    const { log } = createMemoryLog({ maxBytes: 1_000_000 });
    const { context, notes } = createTaskBed({ log, config });
    const run = readSourceRun(hbaseSource, 'c', { ...config, 'pkuse.task.id': 'run' });
    const made = await readOrMakePlan({ task, positions: null, run, context, partitions: 1 });
    const again = await readOrMakePlan({ task, positions: null, run, context, partitions: 1 });
    expect([made.repeat, again.repeat]).toEqual([false, true]);
    const { plan } = again.kept;
    expect(plan).toEqual(made.kept.plan);
    expect(plan.splits).toHaveLength(splits);
    expect(notes.get('plan')?.length).toBeLessThan(400_000);
    const ranges = plan.splits.map((split) => readSplit(split).range);
    const starts = ranges.map(({ start }) => String(start)).sort();
    expect(starts).toEqual(['', ...Array.from({ length: splits - 1 }, (_, split) => keyOf(split + 1))]);
    expect(ranges.map(({ stop }) => String(stop)).sort()).toEqual(starts);
    const out = new RowCollector();
    const { signal } = new AbortController();
    const found: string[] = [];
    for (const [at, split] of plan.splits.entries()) {
      if (!hasRow(at)) continue;
      await task.readSplit({ plan, split, out, signal });
      found.push(keyOf(at));
    }
    expect(out.rows).toEqual(
      found.map((key) => ({ key, values: [key, ...Array<string>(fields).fill('v')] })),
    );
  }, 120_000);
});

function splitOf(start: string, stop: string, way: HBaseSplit['way']): HBaseSplit {
  return { range: { start: Buffer.from(start, 'latin1'), stop: Buffer.from(stop, 'latin1') }, way };
}

describe('a split as text', () => {
  it.each<[string, string, HBaseSplit]>([
    ['of a whole table', '  keys', splitOf('', '', 'keys')],
    ['between keys of any bytes', '00ff 0a20 all', splitOf('\0\xff', '\n ', 'all')],
    [
      'to the last row',
      `${'61'.repeat(maxRowKeyBytes)}  keys`,
      splitOf('a'.repeat(maxRowKeyBytes), '', 'keys'),
    ],
  ])('%s', (_, text, split) => {
    expect(writeSplit(split)).toBe(text);
    expect(readSplit(text)).toEqual(split);
  });

  it.each(['', 'keys', '00 01', '0 01 keys', '00 01 some', '00 01 keys ', '{"start":"00"}'])(
    "'%s' is a lost plan",
    (text) => {
      expect(() => readSplit(text)).toThrow(expect.objectContaining({ code: 'PLAN_LOST' }) as Error);
    },
  );
});

it.each(['', '{', '{}', 'null', '[]'])("'%s' as what all splits have in common is a lost plan", (text) => {
  expect(() => readShared(text)).toThrow(expect.objectContaining({ code: 'PLAN_LOST' }) as Error);
});
