// Dirty rows in the ledger table, one row each: `<target>\0<epoch>/<split>/<number>`. They are written before the commit that counts
// them, under the unit's timestamp; rows beyond a split's count are of tries that were never committed.
import type { DirtyEntry } from '../../../src/core/ledger/ledger.ts';
import type { HBaseLedger, LedgerPlace } from './ledger-row.ts';
import { pad, readCells } from './ledger-row.ts';
import { CellBlockCursor } from '../client/wire/cell-block.ts';
import type { CellType } from '../client/wire/cell-block.ts';
import type { HBaseClient } from '../client/client.ts';
import type { KeyRange } from '../client/key-range.ts';
import type { Mutation } from '../client/messages/mutation.ts';

export interface NumberedDirty {
  readonly epoch: number;
  /** From 1, within its split. */
  readonly number: number;
  readonly entry: DirtyEntry;
}

export interface DirtyRows {
  write(entries: readonly NumberedDirty[], timestamp: number): Promise<void>;
  /** Those of an epoch that the ledger counts, by split. */
  read(ledger: HBaseLedger, epoch: number, limit: number): Promise<readonly DirtyEntry[]>;
  /** Removes those of all epochs before `epoch`. */
  removeBefore(epoch: number): Promise<void>;
}

const family = Buffer.from('d');
const qualifier = Buffer.from('entry');
const rowsPerCall = 500;
/** Long enough to find the row and see what is wrong with it. */
const maxText = 1000;

export function openDirtyRows(client: HBaseClient, place: LedgerPlace): DirtyRows {
  const { ledgerTable, target } = place;
  const options = place.signal === undefined ? {} : { signal: place.signal };
  return {
    write: async (entries, timestamp) => {
      for (let at = 0; at < entries.length; at += rowsPerCall) {
        const part = entries.slice(at, at + rowsPerCall);
        const puts = part.map((each) => putOf(target, each, BigInt(timestamp)));
        await client.mutateRows(ledgerTable, puts, options);
      }
    },
    read: async (ledger, epoch, limit) => {
      const entries: DirtyEntry[] = [];
      if (limit <= 0) return entries;
      const range = rangeOf(target, epoch, epoch + 1);
      for await (const { buffer, rowStarts, rowCount } of client.scan({
        table: ledgerTable,
        range,
        ...options,
      }))
        for (let i = 0; i < rowCount; i += 1) {
          const [cell] = readCells(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
          const { number, ...entry } = JSON.parse(cell?.[1] ?? '{}') as DirtyEntry & { number: number };
          if (number > (ledger.dirtyRows[`${epoch}/${entry.split}`] ?? 0)) continue;
          entries.push(entry);
          if (entries.length === limit) return entries;
        }
      return entries;
    },
    removeBefore: async (epoch) => {
      const range = rangeOf(target, 0, epoch);
      const cursor = new CellBlockCursor();
      for await (const { buffer, rowStarts, rowCount } of client.scan({
        table: ledgerTable,
        range,
        ...options,
      })) {
        const deletes: Mutation[] = [];
        for (let i = 0; i < rowCount; i += 1) {
          cursor.reset(buffer, rowStarts[i] ?? 0, rowStarts[i + 1] ?? 0);
          if (!cursor.next()) continue;
          const key = Buffer.from(buffer.subarray(cursor.rowStart, cursor.rowStart + cursor.rowLength));
          deletes.push(change(key, 'deleteColumn', { timestamp: BigInt(cursor.timestampMs()), value: '' }));
        }
        await client.mutateRows(ledgerTable, deletes, options);
      }
    },
  };
}

function rangeOf(target: string, from: number, to: number): KeyRange {
  return { start: Buffer.from(`${target}\0${pad(from)}`), stop: Buffer.from(`${target}\0${pad(to)}`) };
}

function putOf(target: string, { epoch, number, entry }: NumberedDirty, timestamp: bigint): Mutation {
  const row = Buffer.from(`${target}\0${pad(epoch)}/${pad(entry.split)}/${pad(number)}`);
  const [key, field, reason, bytesHex] = [entry.key, entry.field, entry.reason, entry.bytesHex].map((text) =>
    text.slice(0, maxText),
  );
  const { split, attempt, stage } = entry;
  const value = JSON.stringify({ number, split, attempt, stage, key, field, reason, bytesHex });
  return change(row, 'put', { timestamp, value });
}

function change(
  row: Buffer,
  type: CellType,
  { timestamp, value }: { readonly timestamp: bigint; readonly value: string },
): Mutation {
  const cell = { row, family, qualifier, timestamp, type, value: Buffer.from(value) };
  return { kind: type === 'put' ? 'put' : 'delete', row, cells: [cell] };
}
