// Rows of a batch as the bytes of puts and deletes of HBase, in waves: a row key stands in a wave once. HBase decides between two cells
// of one column by their timestamps, so rows that follow one another under one key get timestamps that do, too: one per wave.
// Row bytes go to cell bytes; nothing is made per row or cell, except where an encoding does.
import { counted } from '../../../src/core/text.ts';
import { SyncError } from '../../../src/core/errors.ts';
import { describeRow } from '../../../src/core/record/refused-row.ts';
import { ByteWriter, RowFields } from '../../../src/core/record/row-format.ts';
import type { RefusedRow, RowBatch } from '../../../src/core/connector/sink-store.ts';
import { RowKeySet } from './row-key-set.ts';
import { MutationBlock } from '../client/mutate/mutation-block.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import type { Refusal, SinkPlan } from './sink-plan.ts';
import { rowsOf } from '../../../src/core/record/row-key.ts';

/** Mutations [from, to) of the block. */
interface Wave {
  readonly from: number;
  readonly to: number;
}

export interface EncodedRows {
  readonly block: MutationBlock;
  readonly waves: readonly Wave[];
  /** Cells bear their time already, from a field or the records. */
  readonly dated: boolean;
  readonly refused: readonly RefusedRow[];
}

const LF = 0x0a;
/** HBase's own limit of a cell (hbase.server.keyvalue.maxsize). */
const maxCellBytes = 10 * 1024 * 1024;
const noQualifier = Buffer.alloc(0);

export function encodeRows(config: HBaseSinkConfig, plan: SinkPlan, batch: RowBatch): EncodedRows {
  const refused: RefusedRow[] = [];
  const encoder = new RowEncoder(config, plan, recordTime(config, batch));
  const waves = inWaves(encoder.block, batch, (start, end, index) => {
    const refusal = encoder.encode(batch.bytes, start, end);
    if (refusal === null) return;
    const bytes = batch.bytes.subarray(start, end);
    refused.push(describeRow({ index, bytes, fields: plan.schema.fields, key: plan.key, ...refusal }));
  });
  return { block: encoder.block, waves, dated: plan.timestamp !== null || config.timestampRecord, refused };
}

/** null: the records' time is not asked for. */
function recordTime({ timestampRecord }: HBaseSinkConfig, { timestamp }: RowBatch): bigint | null {
  if (!timestampRecord) return null;
  if (timestamp === undefined)
    throw new SyncError('INTERNAL', { message: 'a batch came without the timestamp of its records' });
  return BigInt(Math.max(timestamp, 0));
}

/** Rows of which the batch has the key; each is removed from all families. A key that no row can have removes nothing. */
export function encodeRemovals(plan: SinkPlan, families: readonly string[], batch: RowBatch): EncodedRows {
  const block = new MutationBlock();
  const [key, fields] = [new ByteWriter(), new RowFields()];
  const columns = families.map((family) => ({ family: Buffer.from(family), qualifier: noQualifier }));
  const waves = inWaves(block, batch, (start, end) => {
    fields.read(batch.bytes, start, end);
    if (plan.writeKey(key, fields) !== null) return;
    block.open('delete');
    for (const column of columns) block.closeCell(block.openCell(key, column, 'deleteFamily'));
  });
  return { block, waves, dated: false, refused: [] };
}

/** The row key of each row of the batch; null: one that no row can have. */
export function rowKeys(plan: SinkPlan, batch: RowBatch): readonly (Buffer | null)[] {
  const [key, fields] = [new ByteWriter(), new RowFields()];
  return [...rowsOf(batch)].map(({ start, end }) => {
    key.length = 0;
    fields.read(batch.bytes, start, end);
    return plan.writeKey(key, fields) === null ? Buffer.from(key.bytes.subarray(0, key.length)) : null;
  });
}

/** `encode` adds a row's mutations to the block, or none. */
function inWaves(
  block: MutationBlock,
  batch: RowBatch,
  encode: (start: number, end: number, index: number) => void,
): Wave[] {
  const bounds = [0];
  const inWave = new RowKeySet(block, batch.rows);
  let at = 0;
  for (let index = 0; index < batch.rows; index += 1) {
    const end = batch.bytes.indexOf(LF, at);
    if (end < 0)
      throw new SyncError('INTERNAL', {
        message: `a batch holds ${index} rows, ${batch.rows} were announced`,
      });
    const first = block.size;
    encode(at, end, index);
    at = end + 1;
    if (block.size === first || inWave.add(first)) continue;
    bounds.push(first);
    inWave.clear();
    inWave.add(first);
  }
  bounds.push(block.size);
  const waves = bounds.slice(1).map((to, wave) => ({ from: bounds[wave] ?? 0, to }));
  return waves.filter(({ from, to }) => from < to);
}

class RowEncoder {
  readonly block = new MutationBlock();
  readonly #config: HBaseSinkConfig;
  readonly #plan: SinkPlan;
  readonly #row = new RowFields();
  readonly #key = new ByteWriter();

  readonly #recordTime: bigint | null;

  constructor(config: HBaseSinkConfig, plan: SinkPlan, recordTime: bigint | null) {
    this.#config = config;
    this.#plan = plan;
    this.#recordTime = recordTime;
  }

  /** Adds the row to the block, or says why not. */
  encode(bytes: Buffer, start: number, end: number): Refusal | null {
    const { block } = this;
    this.#row.read(bytes, start, end);
    const first = block.size;
    const refusal =
      this.#checkFields() ??
      this.#plan.writeKey(this.#key, this.#row) ??
      this.#writePuts() ??
      this.#writeDeletes() ??
      this.#setTime(first);
    if (refusal !== null) block.cutBack(first);
    return refusal;
  }

  #checkFields(): Refusal | null {
    const { fields, schema, key } = this.#plan;
    const { count, bytes } = this.#row;
    if (count !== fields.length)
      return { field: '', reason: `the row has ${counted(count, 'field')}, its schema has ${fields.length}` };
    for (let index = 0; index < count; index += 1) {
      if (bytes[index] !== null || schema.fields[index]?.optional !== false || key.includes(index)) continue;
      return { field: fields[index]?.name ?? '', reason: 'the field is NULL' };
    }
    return null;
  }

  #writePuts(): Refusal | null {
    const { block } = this;
    const { bytes, starts, ends } = this.#row;
    const { nullValues } = this.#config;
    block.open('put');
    for (let index = 0; index < this.#plan.fields.length; index += 1) {
      const field = this.#plan.fields[index];
      const value = bytes[index] ?? null;
      if (field === undefined || (value === null && nullValues !== 'empty')) continue;
      const cell = block.openCell(this.#key, field, 'put');
      const problem =
        value === null ? null : field.write(block.out, value, starts[index] ?? 0, ends[index] ?? 0);
      if (problem !== null) return { field: field.name, reason: problem };
      if (block.closeCell(cell) > maxCellBytes)
        return { field: field.name, reason: `the cell has more than ${maxCellBytes} bytes` };
    }
    return null;
  }

  #writeDeletes(): null {
    if (this.#config.nullValues !== 'delete') return null;
    let isOpen = false;
    for (let index = 0; index < this.#plan.fields.length; index += 1) {
      const field = this.#plan.fields[index];
      if (field === undefined || this.#row.bytes[index] !== null) continue;
      if (!isOpen) this.block.open('delete');
      isOpen = true;
      this.block.closeCell(this.block.openCell(this.#key, field, 'deleteColumn'));
    }
    return null;
  }

  /** Where a field, or the record, gives the cells' time. */
  #setTime(first: number): Refusal | null {
    const { timestamp, fields } = this.#plan;
    if (this.#recordTime !== null) this.block.setTime(first, this.block.size, this.#recordTime);
    if (timestamp === null) return null;
    const { index, read } = timestamp;
    const field = fields[index]?.name ?? '';
    const text = this.#row.bytes[index] ?? null;
    if (text === null) return { field, reason: 'the timestamp is NULL' };
    const digits = read(text.subarray(this.#row.starts[index], this.#row.ends[index]));
    if (typeof digits === 'string') return { field, reason: digits };
    const value = BigInt(digits.toString('latin1'));
    if (value < 0n) return { field, reason: 'HBase has no timestamps before 1970' };
    this.block.setTime(first, this.block.size, value);
    return null;
  }
}
