// Retention: ended runs older than the configured age go, with their log lines.
import type { Clock } from '../src/core/clock.ts';
import type { Emit } from '../src/core/events.ts';
import type { JobStore, RunStore } from '../src/core/ports.ts';
import type { Service } from '../src/core/service.ts';
import { createLoopService } from './loop-service.ts';

export interface RetentionParts {
  readonly jobs: Pick<JobStore, 'databaseNow'>;
  readonly runs: Pick<RunStore, 'sweep'>;
  readonly keepMs: number;
  readonly clock: Clock;
  readonly emit: Emit;
}

const periodMs = 3_600_000;
const batchSize = 200;
/** Lets others at the tables between two batches. */
const betweenBatchesMs = 100;

export function createRetention(parts: RetentionParts): Service {
  const { clock, emit, keepMs } = parts;
  const detail = `removes runs after ${Math.round(keepMs / 86_400_000)} days`;
  return createLoopService({ name: 'retention', detail, clock, emit, runOnce: () => sweepOnce(parts) });
}

/** One batch; resolves with the pause until the next, ms. Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export async function sweepOnce({ jobs, runs, keepMs, emit }: RetentionParts): Promise<number> {
  const now = await jobs.databaseNow();
  const removed = await runs.sweep(now - keepMs, batchSize);
  if (removed > 0) emit({ type: 'retention.swept', runs: removed });
  return removed === batchSize ? betweenBatchesMs : periodMs;
}
