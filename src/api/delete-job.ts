// Deleting a job: first what it left elsewhere, then its rows. What can't be reached keeps the job as it was; with force it stays
// behind and is named. There is an audit row in every case.
import { SyncError, toSyncError } from '../core/errors.ts';
import type { JobHead } from '../core/job.ts';
import type { AuditEntry } from '../core/ports/audit.ts';
import type { Text } from '../core/text.ts';
import type { ApiParts, Leftover } from './api-parts.ts';
import { auditOf } from './job-lookup.ts';

export interface Deleted {
  readonly runs: number;
  /** What stayed behind; only with force. */
  readonly left: readonly { readonly what: Text; readonly reason: string }[];
}

const words: Readonly<Record<Leftover['what'], Text>> = {
  connectors: { en: 'its connectors on the Connect cluster', zh: 'Connect 集群上的连接器' },
  ledger: { en: 'its rows in the ledger of the target', zh: '目标账本中该作业的行' },
};

/** Throws CONFLICT, NOT_FOUND, and, without force, why something could not be removed. */
export async function deleteJob(
  parts: ApiParts,
  head: JobHead,
  { version, force }: { version: number; force: boolean },
): Promise<Deleted> {
  const { jobs } = parts;
  const entry = (detail: string): AuditEntry => auditOf('job.delete', head, detail);
  let left: readonly Leftover[];
  let begun = false;
  try {
    await jobs.beginRemoval({ id: head.id, version });
    begun = true;
    left = await removeResources(parts, head);
    const [first] = left;
    if (first !== undefined && !force) throw stuck(head, first);
  } catch (error) {
    // A removal that another request began goes on.
    if (begun) await jobs.keep(head.id);
    await jobs.addAudit(entry(`not deleted: ${toSyncError(error).message}`));
    throw error;
  }
  const named = left.map(({ what, error }) => ({ what: words[what], reason: error.message }));
  const said = named.map(({ what, reason }) => `${what.en} (${reason})`).join('; ');
  const done = said === '' ? 'deleted with all it left' : `deleted by force; left behind: ${said}`;
  return { runs: await jobs.remove(head.id, () => entry(done)), left: named };
}

async function removeResources({ jobs, jobActs }: ApiParts, { id }: JobHead): Promise<readonly Leftover[]> {
  try {
    const job = await jobs.read(id);
    return job === null ? [] : await jobActs.removeResources(job);
  } catch (error) {
    // Where it reads and writes can't be known.
    const unknown = toSyncError(error);
    if (unknown.code === 'DATABASE_UNREACHABLE') throw error;
    return [
      { what: 'connectors', error: unknown },
      { what: 'ledger', error: unknown },
    ];
  }
}

function stuck({ name }: JobHead, { what, error }: Leftover): SyncError {
  const message = `deleting job ${name}: ${words[what].en} could not be removed, so it stays as it was (with ?force=true it goes, and they are left behind): ${error.message}`;
  return new SyncError(error.code, { message, cause: error });
}
