// The CRC of a record batch: Castagnoli, over everything behind the CRC field. Native: in JavaScript it is the dearest step.
import { crc32c } from '@node-rs/crc32';
import {
  CHECKED_FROM,
  findBatchEnd,
  readCrc,
  readLastOffset,
  writeCrc,
} from '../core/record/batch-header.ts';
import { SyncError } from '../core/errors.ts';

/** To be called after the producer fields are in. */
export function fillCrc(batch: Buffer): void {
  writeCrc(batch, crc32c(batch.subarray(CHECKED_FROM)));
}

export interface CheckedBatches {
  /** Index after the last whole batch. */
  readonly end: number;
  /** Offset after the last record of the whole batches; -1 without one. */
  readonly next: number;
}

/** Walks batches that lie back to back, up to a cut-off last one. Throws KAFKA_FAILED (retriable) on a wrong CRC. */
export function checkBatches(bytes: Buffer, source: string): CheckedBatches {
  let at = 0;
  let next = -1;
  for (let end = findBatchEnd(bytes, at); end !== -1; end = findBatchEnd(bytes, at)) {
    if (crc32c(bytes.subarray(at + CHECKED_FROM, end)) !== readCrc(bytes, at))
      throw new SyncError('KAFKA_FAILED', {
        message: `reading ${source}: wrong checksum in the batch that ends at offset ${readLastOffset(bytes, at)}`,
        retriable: true,
      });
    next = readLastOffset(bytes, at) + 1;
    at = end;
  }
  return { end: at, next };
}
