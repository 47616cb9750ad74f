// Removals of jobs that a dead process left half done: what was decided is gone on with, what was only asked for is taken back.
import type { Emit } from '../src/core/events.ts';
import type { JobStore } from '../src/core/ports/jobs.ts';

/** Nobody who still works on one takes so long over it. */
const abandonedAfterMs = 600_000;

/** Throws DATABASE_UNREACHABLE, DATABASE_FAILED. */
export async function finishRemovals({
  jobs,
  emit,
}: {
  readonly jobs: Pick<JobStore, 'databaseNow' | 'listRemovals' | 'remove' | 'keep' | 'addAudit'>;
  readonly emit: Emit;
}): Promise<void> {
  for (const { id, name, decided } of await jobs.listRemovals(
    (await jobs.databaseNow()) - abandonedAfterMs,
  )) {
    const audit = (detail: string): Promise<void> =>
      jobs.addAudit({ actor: 'housekeeping', action: 'job.delete', object: `job ${id} (${name})`, detail });
    try {
      if (decided) {
        const runs = await jobs.remove(id);
        await audit(`gone on with after the process that deleted it ended: ${runs} runs`);
      } else {
        await jobs.keep(id);
        await audit('not deleted: the process that was to delete it ended before anything was decided');
      }
    } catch (error) {
      emit({ type: 'service.failed', service: 'housekeeping', error });
    }
  }
}
