// A watermark reset as the API does it: read, then moved.
import type { TargetLedger } from '../../src/core/ledger/ledger.ts';
import type { Position } from '../../src/core/position.ts';
import { byNumber } from '../conformance/sink-bed.ts';

export async function resetTo(ledger: TargetLedger, job: string, watermark: Position | null): Promise<void> {
  const epoch = (await ledger.readJob(job))?.epoch ?? 0;
  await ledger.resetWatermark(job, { watermark, epoch, isBefore: byNumber });
}
