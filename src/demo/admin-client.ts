// The admin API as the demo uses it: over HTTP with the token, like everybody else.
import type { Job, JobSpec } from '../core/job.ts';
import type { Run } from '../core/run.ts';

export interface AdminClient {
  readonly url: string;
  readonly token: string;
  createJob(spec: JobDraft): Promise<Job>;
  /** The newest runs of a job, oldest first. */
  listRuns(jobId: string): Promise<readonly Run[]>;
}

/** What the API fills in may be left out. */
export type JobDraft = Omit<
  JobSpec,
  'group' | 'labels' | 'parameters' | 'policy' | 'schedule' | 'cluster' | 'webhook'
> & {
  readonly schedule: { readonly cron: string; readonly timeZone: string };
  readonly policy: Partial<JobSpec['policy']>;
};

const runsPerPage = 500;
const answerLimitMs = 30_000;

/** Methods throw with the API's own words when it refuses. */
export function openAdmin(url: string, token: string, signal: AbortSignal): AdminClient {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimitMs)]),
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { detail?: string };
    if (response.ok) return answer;
    throw new Error(
      `${method} ${path} answers ${response.status}: ${answer.detail ?? JSON.stringify(answer)}`,
    );
  };
  return {
    url,
    token,
    createJob: async (spec) => (await ask('POST', '/jobs', spec)) as Job,
    listRuns: async (jobId) => {
      const { runs } = (await ask('GET', `/runs?jobId=${jobId}&limit=${runsPerPage}`)) as {
        runs: readonly Run[];
      };
      return [...runs].reverse();
    },
  };
}
