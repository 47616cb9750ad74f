// What the suites of the SQL source run on: a database of the suite's own, and a whole read in one call.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SourcePlan, SourcePlugin, SourceTask } from '../../src/core/connector/contract.ts';
import type { Position } from '../../src/core/position.ts';
import type { SqlDialect } from '../../connectors/sql/source/dialect.ts';
import { RowCollector } from '../connectors/hbase/cell-rows.ts';
import type { CollectedRow } from '../connectors/hbase/cell-rows.ts';
import { openingOf } from '../support/task-opening.ts';
import { english } from '../support/english.ts';

export interface SqlBed {
  readonly plugin: SourcePlugin;
  readonly dialect: SqlDialect;
  /** Keys that name the server and its user, who may only read. */
  readonly place: ConnectorConfig;
  /** As somebody who may do everything in the database. */
  execute(sql: string): Promise<void>;
  /** As text, in UTC. */
  ask(sql: string): Promise<readonly (readonly (string | null)[])[]>;
  readonly quote: (name: string) => string;
  /** SQL of bytes in hex. */
  readonly bytes: (hex: string) => string;
  /** SQL of types: what the server calls each; and of its clock. */
  readonly types: Readonly<Record<'int' | 'bigint' | 'text' | 'bytes' | 'time' | 'now', string>>;
  /** A transaction of another session, open until it is committed. */
  readonly beginTransaction?: () => Promise<OpenWrite>;
  /** Names that not every server takes. */
  readonly oddNames: readonly string[];
  /** What follows `ALTER TABLE` to give a column a wider type; absent: the server can't. */
  readonly widen?: (column: string, type: string) => string;
  /** SQL of the type of long texts, and of a text of so many characters. */
  readonly longText: string;
  readonly repeated: (size: number) => string;
  /** The server ends all sessions of the reader. */
  readonly endSessions?: () => Promise<void>;
  /** The reader sees open transactions. */
  readonly seesTransactions: boolean;
  /** The server can show one view to several sessions. */
  readonly sharesViews: boolean;
  close(): Promise<void>;
}

export interface OpenWrite {
  execute(sql: string): Promise<void>;
  commit(): Promise<void>;
}

export interface SqlRun {
  readonly plan: SourcePlan;
  readonly out: RowCollector;
  readonly rows: readonly CollectedRow[];
  readonly closing: readonly string[];
}

export const signal = new AbortController().signal;

export async function withTask<T>(
  { plugin, place }: SqlBed,
  config: ConnectorConfig,
  work: (task: SourceTask) => Promise<T>,
): Promise<T> {
  const full = { 'connector.class': 'JdbcSource', 'topic.prefix': 't', ...place, ...config };
  const task = await plugin.openTask(openingOf(full, signal));
  try {
    return await work(task);
  } finally {
    await task.close();
  }
}

/** Plans and reads all splits, side by side as the worker does; rows sorted by key. */
export async function readAll(bed: SqlBed, config: ConnectorConfig): Promise<SqlRun> {
  return withTask(bed, config, async (task) => {
    const plan = await task.plan({ base: null, mode: 'full', lagMs: 0 });
    return { plan, ...(await readPlan(task, plan)) };
  });
}

/** An increment from `base` on. */
export async function readIncrement(
  bed: SqlBed,
  config: ConnectorConfig,
  base: Position | null,
  lagMs = 0,
): Promise<SqlRun> {
  return withTask(bed, config, async (task) => {
    const plan = await task.plan({ base, mode: 'incremental', lagMs });
    return { plan, ...(await readPlan(task, plan)) };
  });
}

export async function readPlan(task: SourceTask, plan: SourcePlan): Promise<Omit<SqlRun, 'plan'>> {
  const out = new RowCollector();
  await Promise.all(plan.splits.map((split) => task.readSplit({ plan, split, out, signal })));
  const rows = [...out.rows].sort((left, right) =>
    left.key < right.key ? -1 : left.key > right.key ? 1 : 0,
  );
  return { out, rows, closing: english(task.closingNotes?.(out.rows.length)) };
}
