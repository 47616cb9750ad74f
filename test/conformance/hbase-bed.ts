// What the suites of the HBase source run on: a cluster with tables of their own, and a whole run in one call.
import type { SourcePlan, SourceTask } from '../../src/core/connector/contract.ts';
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import { hbaseSource } from '../../connectors/hbase/source/source-connector.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import { openingOf } from '../support/task-opening.ts';
import type { CollectedRow } from '../connectors/hbase/cell-rows.ts';
import { english } from '../support/english.ts';

export interface BedRow {
  readonly key: string | Uint8Array;
  /** `family:qualifier` → value */
  readonly cells: Readonly<Record<string, string | Uint8Array>>;
  /** ms; absent = the server's clock */
  readonly timestamp?: number;
}

/** A cluster with tables of the suite's own. */
export interface HbaseBed {
  /** The keys that say where it is. */
  readonly place: ConnectorConfig;
  createTable(table: string, families: readonly string[], splitKeys?: readonly Uint8Array[]): Promise<void>;
  put(table: string, rows: readonly BedRow[]): Promise<void>;
  /** `timestamp`: ms; absent = the server's clock. */
  deleteRow(table: string, key: string, timestamp?: number): Promise<void>;
  /** Most scanners of long reads that were open at a time, where that can be told. */
  readonly peakScanners?: () => number;
  close(): Promise<void>;
}

export type Entry = Readonly<Record<string, string>>;

/** As long as the default one: with a short lag every plan waits for fresh reports of the servers' clocks. */
export const lagMs = 60_000;
/** Cells of the increments are stamped so long ago. */
export const longAgoMs = 600_000;
export interface Tools {
  readonly newTable: (families: readonly string[], splitKeys?: readonly Uint8Array[]) => Promise<string>;
  readonly configOf: (table: string, entries: readonly Entry[], more?: ConnectorConfig) => ConnectorConfig;
  readonly bed: () => HbaseBed;
}

export interface Run {
  readonly plan: SourcePlan;
  readonly out: RowCollector;
  readonly rows: readonly CollectedRow[];
  /** What the task says of the read as a whole. */
  readonly closing: readonly string[];
}

export async function withTask<T>(
  config: ConnectorConfig,
  work: (task: SourceTask) => Promise<T>,
): Promise<T> {
  const task = await hbaseSource.openTask(openingOf(config));
  try {
    return await work(task);
  } finally {
    await task.close();
  }
}

/** Plans and reads all splits; rows sorted by key. */
export async function run(
  config: ConnectorConfig,
  base: string | null = null,
  previous?: SourcePlan,
): Promise<Run> {
  return withTask(config, async (task) => {
    const mode = base === null ? 'full' : 'incremental';
    const plan = await task.plan({ base, mode, lagMs, ...(previous && { previous }) });
    const out = new RowCollector();
    for (const split of plan.splits)
      await task.readSplit({ plan, split, out, signal: new AbortController().signal });
    const rows = [...out.rows].sort((left, right) =>
      left.key < right.key ? -1 : left.key > right.key ? 1 : 0,
    );
    const closing = english(task.closingNotes?.(out.rows.length));
    return { plan, out, rows, closing };
  });
}

export async function keysIn(task: SourceTask, plan: SourcePlan): Promise<readonly string[]> {
  const out = new RowCollector();
  for (const split of plan.splits)
    await task.readSplit({ plan, split, out, signal: new AbortController().signal });
  return out.rows.map(({ key }) => key).sort();
}
