// Open: the job as the run is frozen to it, and what the steps of the run share.
import { shapeOf, toShape } from '../../src/core/errors.ts';
import type { JobSpec } from '../../src/core/job.ts';
import type { Run, RunReason } from '../../src/core/run.ts';
import { fillSpec, mayHoldTemplates } from '../../src/core/template/fill-spec.ts';
import type { ExecutorContext } from '../executor-parts.ts';
import type { Lease } from '../lease.ts';
import { untilStored } from '../until-stored.ts';
import type { ClaimedRun, RunSession } from './run-session.ts';
import { openSession, sayState } from './run-session.ts';

/** null: the job can't be read, and the run has ended by it. Throws LEASE_LOST. */
export async function openRun(
  executor: ExecutorContext,
  claim: ClaimedRun,
  lease: Lease,
): Promise<RunSession | null> {
  const spec = await readSpec(executor, claim.run, lease);
  if ('code' in spec) {
    await endUnread(executor, claim.run, { reason: spec, lease });
    return null;
  }
  const session = openSession(executor, claim, { spec, lease });
  const { attempt, mode } = claim.run;
  if (!claim.takenOver) sayState(session, { from: 'queued', to: 'starting' });
  const how = claim.takenOver ? 'taken over' : 'started';
  session.log.add('info', `${how} by ${executor.owner}: attempt ${attempt}, mode ${mode}`);
  return session;
}

/** Why it can't be read, where that does not pass: such a run ends, or nobody could cancel or delete it. */
async function readSpec(executor: ExecutorContext, run: Run, lease: Lease): Promise<JobSpec | RunReason> {
  const { clock, jobs } = executor;
  try {
    const read = (): Promise<JobSpec | null> => jobs.readVersion(run.jobId, run.jobVersion);
    const spec = await untilStored({ clock, signal: lease.signal }, read);
    return spec === null
      ? shapeOf('NOT_FOUND', `version ${run.jobVersion} of job ${run.jobId} is not stored`)
      : await fill(executor, {
          run,
          spec: run.cluster === null ? spec : { ...spec, cluster: run.cluster },
          lease,
        });
  } catch (error) {
    lease.signal.throwIfAborted();
    return toShape(error);
  }
}

/** With the values of this run in its templates. Checked when the job was saved, and when it was triggered. */
async function fill(
  { clock, inputsOf, plugins }: ExecutorContext,
  { run, spec, lease }: { readonly run: Run; readonly spec: JobSpec; readonly lease: Lease },
): Promise<JobSpec | RunReason> {
  if (!mayHoldTemplates(spec)) return spec;
  const inputs = await untilStored({ clock, signal: lease.signal }, () => inputsOf(spec, run));
  const filled = fillSpec(spec, plugins, { plannedAt: run.plannedAt, inputs });
  const [problem] = filled.problems;
  if (problem === undefined) return filled.spec;
  const message = `filling the templates of the job: ${problem.field}: ${problem.message}`;
  return { ...shapeOf('BAD_INPUT', message), field: problem.field };
}

async function endUnread(
  executor: ExecutorContext,
  run: Run,
  { reason, lease }: { readonly reason: RunReason; readonly lease: Lease },
): Promise<void> {
  const { clock, emit, owner, runs } = executor;
  const end = { id: run.id, owner, state: 'failed', reason, report: null } as const;
  if (!(await untilStored({ clock, signal: lease.signal }, () => runs.finish(end)))) return;
  const ids = { jobId: run.jobId, runId: run.id };
  emit({ type: 'run.ended', job: null, ...ids, state: 'failed', reason, report: null, next: null });
}
