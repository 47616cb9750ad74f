// Rows that are gone, told to the target by the key alone: as a tombstone each (`markers`), or, all together, as what is still
// there (`reconcile`: every key of a range in order; the target removes the others).
import { isUtf8 } from 'node:buffer';
import type { RowOutput } from '../../../src/core/connector/contract.ts';
import type { DeleteWay } from '../../../src/core/deletes.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { ByteWriter } from '../../../src/core/record/row-format.ts';
import type { DeletePolicy } from './followed-deletes.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SourceColumn } from '../mapping/column-name.ts';
import type { CellDecoder } from '../mapping/cell-decoder.ts';
import type { MappedField } from '../mapping/field-mapping.ts';
import { isConstant, isRowKey } from '../mapping/pseudo-field.ts';
import type { RangeScanner } from './full-read.ts';
import { rowKeyAt, timestampAt } from '../client/wire/cell-block.ts';
import { rowKeysFilter } from '../client/filters.ts';
import type { KeyRange } from '../client/key-range.ts';
import type { CellSelection } from '../client/messages/selection.ts';

const unfitKey: Text = {
  en: 'deleted rows whose key does not fit its field',
  zh: '键不符合其字段的已删除行',
};

const keysPerClaim = 5_000;
const bytesPerClaim = 400_000;

/** null: deletes are not followed. */
export function deleteWay({ deletes }: { readonly deletes: DeletePolicy }): DeleteWay | null {
  if (deletes === 'ignore') return null;
  return { by: deletes === 'reconcile' ? 'keys' : 'markers', setting: 'hbase.deletes' };
}

/** @throws SyncError MAPPING_INVALID when deletes can't be followed this way with this key */
export function checkDeletePolicy(
  policy: DeletePolicy,
  {
    fields,
    columns,
    merging,
  }: {
    readonly fields: readonly MappedField[];
    readonly columns: readonly (SourceColumn | null)[];
    readonly merging: RowSchema['merging'];
  },
): void {
  if (policy === 'ignore') return;
  const keys = [...fields.entries()].filter(([, field]) => field.isKey);
  const refuse = (problem: string): SyncError =>
    new SyncError('MAPPING_INVALID', {
      message: `following deletes (hbase.deletes=${policy}): ${problem}`,
      field: 'hbase.deletes',
    });
  if (keys.length === 0) throw refuse('the mapping marks no key field (ispk=1)');
  const foreign = keys.find(
    ([index, field]) => !isConstant(field) && !isRowKey(field, columns[index] ?? null),
  );
  if (foreign !== undefined)
    throw refuse(
      `the key field ${foreign[1].target} comes from ${foreign[1].source}, which a deleted row no longer has; all key fields must come from the row key`,
    );
  if (merging !== undefined) throw refuse(`a deleted row would take others with it: ${merging.reason.en}`);
  const [, field] = keys[0] ?? [];
  if (policy === 'reconcile' && (keys.length > 1 || field === undefined || !isSameOrder(field)))
    throw refuse(
      'keys are compared in their order, so the key must be one field that holds the row key unchanged: encoding text as string, or bytes as bytes, without maprule, byterule or charset',
    );
}

function isSameOrder(field: MappedField): boolean {
  const { type, encoding, mapRule, byteRule, settings } = field;
  if (mapRule !== '' || byteRule.text !== '' || settings.charset !== 'utf-8' || isConstant(field))
    return false;
  return type.kind === 'string' ? encoding === 'text' : type.kind === 'bytes' && encoding === 'bytes';
}

/** May a claim begin or end at this key? The target compares text, so it must be some. */
export function isClaimBound(fields: readonly MappedField[], key: Buffer): boolean {
  return fields.every(({ isKey, type }) => !isKey || type.kind !== 'string' || isUtf8(key));
}

/** Writes tombstones. A key that does not fit its field was never written to the target. */
export function tombstoneWriter(fields: readonly MappedField[], out: RowOutput): (key: Uint8Array) => void {
  const row = new ByteWriter();
  return (key) => {
    row.length = 0;
    row.ensure(key.length);
    row.bytes.set(key, 0);
    row.length = key.length;
    for (const [index, field] of fields.entries()) {
      if (index > 0) row.writeTab();
      if (!field.isKey) row.writeNull();
      else if (writeKeyField(field, key, row) !== null) {
        out.filtered(unfitKey);
        return;
      }
    }
    if (out.deleted === undefined) throw noSuchOutput();
    out.deleted(row.bytes, key.length, row.length);
  };
}

function writeKeyField(field: MappedField, key: Uint8Array, row: ByteWriter): string | null {
  const { whenMissing, write } = field;
  if (!isConstant(field) || whenMissing === null) return write(row, key, 0, key.length);
  row.ensure(whenMissing.length);
  row.bytes.set(whenMissing, row.length);
  row.length += whenMissing.length;
  return null;
}

export interface ClaimRead {
  readonly client: RangeScanner;
  readonly table: string;
  readonly range: KeyRange;
  /** The key's one field. */
  readonly field: MappedField;
  /** Rows whose first cell is older, in ms, must be in the target by now; null: of none that is known. */
  readonly writtenBefore: number | null;
  /** Rows that it does not let pass are not claimed: they have no place in the target. */
  readonly condition: { readonly selection: CellSelection; readonly decoder: CellDecoder } | null;
  readonly out: RowOutput;
  readonly signal: AbortSignal;
}

/** Claims every key of the range that the target may hold, in pieces that lie end to end. */
export async function claimKeys(read: ClaimRead): Promise<void> {
  const { client, table, range, field, writtenBefore, condition, out, signal } = read;
  const cells = condition?.selection ?? { filter: rowKeysFilter() };
  const keys = new ByteWriter();
  let [from, rows] = [range.start, 0];
  const claim = (until: Buffer): void => {
    if (out.claimed === undefined) throw noSuchOutput();
    const batch = { bytes: Buffer.from(keys.bytes.subarray(0, keys.length)), rows };
    out.claimed({ from: boundOf(from), until: boundOf(until), keys: batch });
    [from, rows] = [until, 0];
    keys.length = 0;
  };
  for await (const { buffer, rowCount, rowStarts } of client.scan({ table, range, signal, ...cells })) {
    for (let row = 0; row < rowCount; row += 1) {
      const [start, end] = [rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0];
      if (condition !== null && !condition.decoder.passes(buffer, start, end)) continue;
      const key = rowKeyAt(buffer, start);
      const before = keys.length;
      if (field.write(keys, key, 0, key.length) !== null) {
        keys.length = before;
        continue;
      }
      if (rows >= keysPerClaim || before >= bytesPerClaim) {
        keys.length = before;
        claim(Buffer.from(key));
        field.write(keys, key, 0, key.length);
      }
      if (writtenBefore !== null && timestampAt(buffer, start) < writtenBefore) {
        keys.writeTab();
        keys.writeText('1');
      }
      keys.ensure(1);
      keys.bytes[keys.length] = 0x0a;
      keys.length += 1;
      rows += 1;
    }
    await out.drained();
  }
  claim(range.stop);
}

/** The key's one field holds the row key as it is. */
function boundOf(key: Buffer): readonly Buffer[] | null {
  return key.length === 0 ? null : [key];
}

function noSuchOutput(): SyncError {
  return new SyncError('INTERNAL', { message: 'telling deleted rows to an output that knows none' });
}
