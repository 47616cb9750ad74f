// Rows of a batch as puts and deletes of HBase, in waves: a row key stands in a wave once. HBase decides between two cells of one column
// by their timestamps, so rows that follow one another under one key get timestamps that do, too: one per wave.
import { SyncError } from '../../src/core/errors.ts';
import { describeRow } from '../../src/core/rejected-row.ts';
import { readRow } from '../../src/core/row-format.ts';
import type { RejectedRow, RowBatch } from '../../src/core/sink-store.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import type { SinkPlan } from './sink-plan.ts';
import type { Cell } from './rpc/cell-block.ts';
import { encodedCellSize } from './rpc/cell-block.ts';
import type { Mutation } from './rpc/messages/mutation.ts';

/** Its timestamp is the wave's, unless a field gives it. */
type DatedCell = { -readonly [Key in keyof Cell]: Cell[Key] };

interface RowChange {
  readonly row: Buffer;
  readonly puts: readonly DatedCell[];
  readonly deletes: readonly DatedCell[];
  /** null: the wave's. */
  readonly timestamp: bigint | null;
}

export interface RowWaves {
  readonly waves: readonly (readonly RowChange[])[];
  readonly rejected: readonly RejectedRow[];
}

const LF = 0x0a;
/** HBase's own limit of a cell (hbase.server.keyvalue.maxsize). */
const maxCellBytes = 10 * 1024 * 1024;
const nothing = Buffer.alloc(0);

export function encodeRows(config: HBaseSinkConfig, plan: SinkPlan, batch: RowBatch): RowWaves {
  const rejected: RejectedRow[] = [];
  const waves = inWaves(batch, (bytes, index) => {
    const change = encodeRow(config, plan, bytes);
    if (!('reason' in change)) return change;
    rejected.push(describeRow({ index, bytes, fields: plan.schema.fields, key: plan.key, ...change }));
    return null;
  });
  return { waves, rejected };
}

/** Rows of which the batch has the key; each is removed from all families. A key that no row can have removes nothing. */
export function encodeRemovals(plan: SinkPlan, families: readonly string[], batch: RowBatch): RowWaves {
  const waves = inWaves(batch, (bytes) => {
    const raw = readRow(bytes);
    const parts = plan.key.map((index) => {
      const text = raw[index] ?? null;
      return text === null ? 'the key is NULL' : (plan.fields[index]?.encode(text) ?? '');
    });
    const row = parts.every((part) => typeof part !== 'string') ? plan.keyOf(parts) : '';
    if (typeof row === 'string') return null;
    const deletes = families.map((family): DatedCell => ({
      row,
      family: Buffer.from(family),
      qualifier: nothing,
      timestamp: 0n,
      type: 'deleteFamily',
      value: nothing,
    }));
    return { row, puts: [], deletes, timestamp: null };
  });
  return { waves, rejected: [] };
}

function inWaves(batch: RowBatch, encode: (bytes: Buffer, index: number) => RowChange | null): RowChange[][] {
  const waves: RowChange[][] = [];
  const inWave = new Set<string>();
  let at = 0;
  for (let index = 0; index < batch.rows; index += 1) {
    const end = batch.bytes.indexOf(LF, at);
    if (end < 0)
      throw new SyncError('INTERNAL', {
        message: `a batch holds ${index} rows, ${batch.rows} were announced`,
      });
    const change = encode(batch.bytes.subarray(at, end), index);
    at = end + 1;
    if (change === null) continue;
    const key = change.row.toString('latin1');
    if (waves.length === 0 || inWave.has(key)) {
      waves.push([]);
      inWave.clear();
    }
    inWave.add(key);
    waves.at(-1)?.push(change);
  }
  return waves;
}

interface Refusal {
  readonly field: string;
  readonly reason: string;
}

function encodeRow(config: HBaseSinkConfig, plan: SinkPlan, bytes: Buffer): RowChange | Refusal {
  const raw = readRow(bytes);
  const { fields } = plan;
  if (raw.length !== fields.length)
    return { field: '', reason: `the row has ${raw.length} fields, its schema has ${fields.length}` };
  const values: (Buffer | null)[] = [];
  for (const [index, { name, encode }] of fields.entries()) {
    const text = raw[index] ?? null;
    const mustHave = plan.key.includes(index) || plan.schema.fields[index]?.optional === false;
    if (text === null && mustHave)
      return { field: name, reason: plan.key.includes(index) ? 'the key is NULL' : 'the field is NULL' };
    const value = text === null ? null : encode(text);
    if (typeof value === 'string') return { field: name, reason: value };
    values.push(value);
  }
  const row = plan.keyOf(plan.key.map((index) => values[index] ?? nothing));
  if (typeof row === 'string') return { field: nameOf(plan, plan.key[0]), reason: row };
  const timestamp = readTimestamp(plan, raw);
  if (timestamp !== null && typeof timestamp !== 'bigint') return timestamp;
  return cellsOf(config, plan, { row, values, timestamp });
}

function nameOf({ fields }: SinkPlan, index: number | undefined): string {
  return fields[index ?? -1]?.name ?? '';
}

function readTimestamp(
  { timestamp, fields }: SinkPlan,
  raw: readonly (Buffer | null)[],
): bigint | null | Refusal {
  if (timestamp === null) return null;
  const field = fields[timestamp.index]?.name ?? '';
  const text = raw[timestamp.index] ?? null;
  if (text === null) return { field, reason: 'the timestamp is NULL' };
  const digits = timestamp.read(text);
  if (typeof digits === 'string') return { field, reason: digits };
  const value = BigInt(digits.toString('latin1'));
  return value >= 0n ? value : { field, reason: 'HBase has no timestamps before 1970' };
}

function cellsOf(
  { nullValues }: HBaseSinkConfig,
  { fields }: SinkPlan,
  row: {
    readonly row: Buffer;
    readonly values: readonly (Buffer | null)[];
    readonly timestamp: bigint | null;
  },
): RowChange | Refusal {
  const puts: DatedCell[] = [];
  const deletes: DatedCell[] = [];
  for (const [index, { name, family, qualifier }] of fields.entries()) {
    const value = row.values[index] ?? null;
    if (value === null && nullValues === 'skip') continue;
    const isDelete = value === null && nullValues === 'delete';
    const cell: DatedCell = {
      row: row.row,
      family,
      qualifier,
      timestamp: 0n,
      type: isDelete ? 'deleteColumn' : 'put',
      value: value ?? nothing,
    };
    if (encodedCellSize(cell) > maxCellBytes)
      return { field: name, reason: `the cell has more than ${maxCellBytes} bytes` };
    (isDelete ? deletes : puts).push(cell);
  }
  return { row: row.row, puts, deletes, timestamp: row.timestamp };
}

/** The mutations of a wave, all their cells at one timestamp. */
export function mutationsAt(wave: readonly RowChange[], timestamp: number): Mutation[] {
  return wave.flatMap((change) => {
    for (const cells of [change.puts, change.deletes])
      for (const cell of cells) cell.timestamp = change.timestamp ?? BigInt(timestamp);
    const { row, puts, deletes } = change;
    const put: Mutation[] = puts.length > 0 ? [{ kind: 'put', row, cells: puts }] : [];
    return deletes.length > 0 ? [...put, { kind: 'delete', row, cells: deletes }] : put;
  });
}
