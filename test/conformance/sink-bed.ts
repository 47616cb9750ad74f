// What the suites of ledgers and stores run on: a sink plugin over a target with room for tables of the suite's own.
import type { ConnectorConfig } from '../../src/core/connector/config-def.ts';
import type { SinkPlugin } from '../../src/core/connector/contract.ts';
import type { Field, FieldType, RowSchema } from '../../src/core/connector/field-type.ts';
import type { BeginRequest, RunKey } from '../../src/core/ledger/ledger.ts';
import type { IsBefore } from '../../src/core/position.ts';
import type { BeginControl } from '../../src/core/record/headers.ts';
import { ByteWriter, writeRow } from '../../src/core/record/row-format.ts';
import type { LedgerSplit } from '../../src/core/ledger/ledger.ts';
import type { RowBatch, SinkStore } from '../../src/core/connector/sink-store.ts';

export interface SinkBed {
  readonly plugin: SinkPlugin;
  /** DDL type of a text key under which different keys are different, and of one that folds. */
  readonly exactKey: string;
  readonly foldingKey: string;
  /** false: a text with a NUL character is refused. Absent: it is stored. */
  readonly storesNul?: boolean;
  configOf(table: string, more?: ConnectorConfig): ConnectorConfig;
  /** Runs DDL or DML in the target, as somebody else; table names are bare. */
  execute(sql: string): Promise<void>;
  /** All rows as text, sorted by the first column; a column may be an expression, e.g. HEX(b). */
  readRows(table: string, columns: readonly string[]): Promise<readonly (readonly (string | null)[])[]>;
  /** All that a look could leave behind: what there is in the target, and what it holds. */
  footprint(): Promise<unknown>;
  close(): Promise<void>;
}

export type OpenBed = () => Promise<SinkBed>;

/**
 * `sql`: the target knows tables of columns, keys, statements by somebody else, and locks. `rows`: only rows of cells under a key;
 * what SQL alone can show is left out, and refusals that SQL alone can make.
 */
export type TargetKind = 'sql' | 'rows';

export interface Tools {
  readonly bed: () => SinkBed;
  readonly newTable: () => string;
}

export const noSignal = new AbortController().signal;

/** The order of positions that are numbers. */
export const byNumber: IsBefore = (a, b) => Number(a) < Number(b);

export function requestOf(job: string, taskId: string, more: Partial<BeginRequest> = {}): BeginRequest {
  return { job, taskId, digest: 'digest-1', mode: 'incremental', byHand: false, ...more };
}

export function fieldOf(name: string, type: FieldType, optional = true): Field {
  return { name, type, optional };
}

/** A string key `id`, and a `value` of the type. */
export function pairsOf(type: FieldType): RowSchema {
  return {
    fields: [fieldOf('id', { kind: 'string', length: 32 }, false), fieldOf('value', type)],
    key: ['id'],
  };
}

export const pairs = pairsOf({ kind: 'string', length: 8 });

export function batchOf(rows: readonly (readonly (string | Uint8Array | null)[])[]): RowBatch {
  const out = new ByteWriter();
  for (const row of rows) {
    writeRow(out, row);
    out.ensure(1);
    out.bytes[out.length] = 0x0a;
    out.length += 1;
  }
  return { bytes: out.bytes.subarray(0, out.length), rows: rows.length };
}

/** BEGIN of plan `p`, of one split with rows of `pairs`. */
export function beginOf(more: Partial<BeginControl> = {}): BeginControl {
  return {
    plan: 'p',
    from: null,
    to: '9',
    splits: 1,
    partitions: 1,
    split: 0,
    attempt: 'a',
    format: 'row',
    schema: pairs,
    predictedTotal: '0',
    follows: null,
    sourceMark: null,
    doubts: [],
    ...more,
  };
}

export function splitOf(split: number, more: Partial<LedgerSplit> = {}): LedgerSplit {
  return {
    split,
    partition: split,
    attempt: `attempt-${split}`,
    written: 0,
    dirty: 0,
    deleted: 0,
    removed: 0,
    read: null,
    filtered: null,
    nulled: null,
    witnesses: [],
    lost: [],
    overwritten: [],
    refused: [],
    closed: [],
    waiting: [],
    lacks: false,
    endedAs: null,
    ...more,
  };
}

/** Begins or finds a run of the table's job and hands out a store with the table prepared. */
export async function openRun(
  bed: SinkBed,
  config: ConnectorConfig,
  schema: RowSchema = pairs,
): Promise<{ key: RunKey; store: SinkStore; prepared: Awaited<ReturnType<SinkStore['prepareTable']>> }> {
  const key = await beginRun(bed, config);
  const store = await bed.plugin.openStore(config, noSignal);
  const prepared = await store.prepareTable(schema);
  return { key, store, prepared };
}

export async function beginRun(bed: SinkBed, config: ConnectorConfig): Promise<RunKey> {
  const ledger = await bed.plugin.openLedger(config);
  const job = `job of ${config['table.name.format'] ?? ''}`;
  const outcome = await ledger.begin(requestOf(job, 'task-1'));
  await ledger.close();
  if (outcome.kind !== 'begun' && outcome.kind !== 'current') throw new Error(`begin said ${outcome.kind}`);
  return { job, epoch: outcome.epoch };
}

let tables = 0;

export function newTableName(): string {
  tables += 1;
  return `t_${process.pid}_${Date.now().toString(36)}_${tables}`;
}
