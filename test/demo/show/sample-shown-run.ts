// A run as the admin API gives it; what a test is about, it changes.
import type { RunReport } from '../../../src/core/run-report.ts';
import type { Run } from '../../../src/core/run.ts';
import { noCounts } from '../../../src/core/status.ts';

export function sampleShownRun(change: Partial<Run>): Run {
  return {
    id: 'r',
    jobId: 'j',
    jobVersion: 1,
    plannedAt: 0,
    instants: null,
    interval: null,
    attempt: 1,
    trigger: { kind: 'schedule' },
    mode: 'incremental',
    parameters: {},
    cluster: null,
    executor: null,
    state: 'running',
    notBefore: 0,
    priority: 0,
    createdAt: 0,
    startedAt: null,
    endedAt: null,
    owner: null,
    leaseUntil: null,
    cancelRequested: false,
    epoch: null,
    reason: null,
    report: null,
    ...change,
  };
}

/** Of a full read that is under way. */
export function sampleProgress(): RunReport {
  return {
    outcome: 'not-complete',
    window: { from: null, to: '1970-01-01T00:00:01.000Z' },
    watermarkBefore: null,
    watermarkAfter: null,
    predicted: { rows: 98_304, exact: false },
    counts: { ...noCounts, read: 40_000, written: 30_000, dirty: 0 },
    stages: { source: 'processing', sink: 'processing' },
    splits: { total: 8, ended: 2 },
    tookMs: null,
    rowsPerSecond: null,
    notProved: [],
    notes: [],
  };
}
