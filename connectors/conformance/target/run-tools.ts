// Runs, rows and ledger entries as the checks of targets make them.
import type { ConnectorConfig } from '../../../src/core/connector/config-def.ts';
import type { Field, FieldType, RowSchema } from '../../../src/core/connector/field-type.ts';
import type { ReadyTable, RowBatch, SinkStore } from '../../../src/core/connector/sink-store.ts';
import { newSplit } from '../../../src/core/ledger/ledger.ts';
import type { BeginRequest, LedgerSplit, RunKey, TargetLedger } from '../../../src/core/ledger/ledger.ts';
import type { IsBefore, Position } from '../../../src/core/position.ts';
import type { BeginControl } from '../../../src/core/record/headers.ts';
import { ByteWriter, writeRow } from '../../../src/core/record/row-format.ts';
import { noSignal } from '../plugin-checks.ts';
import { jobOf, type TargetBed } from './target-bed.ts';

export { noSignal };

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
  return { ...newSplit({ split, partition: split, attempt: `attempt-${split}` }), ...more };
}

/** Begins or finds a run of the target's job and hands out a store that is ready for its rows. */
export async function openRun(
  bed: Pick<TargetBed, 'plugin'>,
  config: ConnectorConfig,
  schema: RowSchema = pairs,
): Promise<{ key: RunKey; store: SinkStore; prepared: ReadyTable }> {
  const key = await beginRun(bed, config);
  const store = await bed.plugin.openStore(config, noSignal);
  const prepared = await store.prepareTable(schema);
  return { key, store, prepared };
}

export async function beginRun(bed: Pick<TargetBed, 'plugin'>, config: ConnectorConfig): Promise<RunKey> {
  const ledger = await bed.plugin.openLedger(config);
  const begin = (job: string) => ledger.begin(requestOf(job, 'task-1'));
  const own = jobOf(bed, config);
  const first = await begin(own);
  // Another configuration of the same target, which its first one holds.
  const job = first.kind === 'table-taken' ? first.by : own;
  const outcome = first.kind === 'table-taken' ? await begin(job) : first;
  await ledger.close();
  if (outcome.kind !== 'begun' && outcome.kind !== 'current') throw new Error(`begin said ${outcome.kind}`);
  return { job, epoch: outcome.epoch };
}

/** A watermark reset as the API does it: read, then moved. */
export async function resetTo(ledger: TargetLedger, job: string, watermark: Position | null): Promise<void> {
  const epoch = (await ledger.readJob(job))?.epoch ?? 0;
  await ledger.resetWatermark(job, { watermark, epoch, isBefore: byNumber });
}
