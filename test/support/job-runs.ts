// Jobs made and run through the admin API of a Syncline process, by suites that look at how a run ended.
import { expect } from 'vitest';
import type { RunReport } from '../../src/core/run-report.ts';
import type { SynclineProcess } from './start-syncline.ts';
import { waitUntil } from './wait-until.ts';

/** Body of POST /api/v1/jobs. */
export interface JobBody {
  name: string;
  mode?: 'full' | 'incremental';
  schedule?: Record<string, string>;
  policy?: Record<string, number>;
  parameters?: readonly Record<string, string>[];
  steps?: object;
  source: { connector: string; config: Record<string, string> };
  sink: { connector: string; config: Record<string, string> };
}

export interface EndedRun {
  readonly state: string;
  readonly reason: { readonly code: string; readonly message: string } | null;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly report: RunReport | null;
}

const endLimitMs = 60_000;

/** Returns its id. */
export async function createJob(syncline: SynclineProcess, job: JobBody): Promise<string> {
  const { status, body } = await syncline.api('POST', '/api/v1/jobs', job);
  expect(status, JSON.stringify(body)).toBe(201);
  return String(body['id']);
}

/** Returns the run's id. */
export async function triggerRun(
  syncline: SynclineProcess,
  jobId: string,
  parameters: Record<string, string> = {},
): Promise<string> {
  return String((await syncline.api('POST', `/api/v1/jobs/${jobId}/runs`, { parameters })).body['id']);
}

export async function awaitEnd(syncline: SynclineProcess, runId: string): Promise<EndedRun> {
  let body: Record<string, unknown> = {};
  await waitUntil(
    `run ${runId} ends`,
    async () => {
      body = (await syncline.api('GET', `/api/v1/runs/${runId}`)).body;
      return body['endedAt'] !== null;
    },
    endLimitMs,
  );
  return body as unknown as EndedRun;
}

export async function runJob(syncline: SynclineProcess, jobId: string): Promise<EndedRun> {
  return awaitEnd(syncline, await triggerRun(syncline, jobId));
}
