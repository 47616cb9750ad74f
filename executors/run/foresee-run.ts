// What a job's next run would meet in the ledger of its target: a look that changes nothing.
import type { JobSpec } from '../../src/core/job.ts';
import { foresee, type Foreseen } from '../../src/core/ledger/foresee.ts';
import type { JobStore } from '../../src/core/ports/jobs.ts';
import type { ExecutorParts } from '../executor-parts.ts';
import { named, refusal } from './begin-run.ts';
import { contentOf, digestOf, wireJob } from './wire-job.ts';

export interface ForeseenJob {
  /** null: it is not saved yet. */
  readonly id: string | null;
  readonly spec: JobSpec;
  /** That the run would run. */
  readonly version: number;
}

/** null: the sink is not one of ours, so there is no ledger. Throws as begin would: DIGEST_CHANGED, TABLE_TAKEN, … */
export async function foreseeRun(
  parts: Pick<ExecutorParts, 'clusters' | 'plugins'>,
  { id, spec, version }: ForeseenJob,
  jobs: Pick<JobStore, 'readHead'>,
): Promise<Foreseen | null> {
  const wiring = await wireJob(parts, id ?? 'not-saved-yet', spec);
  const { sink } = wiring.plugins;
  if (sink === null) return null;
  const ledger = await sink.openLedger(wiring.sink.config);
  try {
    const mapping = { digest: contentOf(wiring, sink), version };
    const request = { digest: digestOf(wiring, sink), mapping, mode: spec.mode };
    const foreseen = foresee(await ledger.look(id ?? ''), request);
    if (foreseen.refusal?.kind === 'table-taken') throw refusal(await named(jobs, foreseen.refusal));
    if (foreseen.refusal !== null) throw refusal(foreseen.refusal);
    return foreseen;
  } finally {
    await ledger.close();
  }
}
