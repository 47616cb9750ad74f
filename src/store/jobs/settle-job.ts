// A decision on a job's fires becomes rows: its runs, and the retries that they replace. In the transaction that decided.
import type { Knex } from 'knex';
import type { FireDecision } from '../../core/ports/jobs.ts';
import { replaceRuns, supersedeRetries } from '../runs/active-runs.ts';
import { insertRuns } from '../runs/insert-runs.ts';
import { newRunRow, type RunRow } from '../runs/run-row.ts';
import type { NewId } from '../new-id.ts';

export interface Settled {
  readonly jobId: string;
  /** The version its runs are frozen to. */
  readonly jobVersion: number;
  readonly decision: FireDecision;
}

/** The rows that were inserted: an instant that has its row gets no other. */
export async function storeDecisions(
  trx: Knex,
  settled: readonly Settled[],
  { newId, now }: { readonly newId: NewId; readonly now: number },
): Promise<readonly RunRow[]> {
  for (const { jobId, decision } of settled)
    if (decision.supersede !== null)
      await supersedeRetries(trx, { jobIds: [jobId], now }, decision.supersede);
  for (const { jobId, decision } of settled)
    if (decision.replace !== null) await replaceRuns(trx, { jobIds: [jobId], now }, decision.replace);
  const rows = settled.flatMap(({ jobId, jobVersion, decision }) =>
    decision.runs.map((run) => newRunRow(run, { id: newId(now), jobId, jobVersion, now })),
  );
  return insertRuns(trx, rows);
}
