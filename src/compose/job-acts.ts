// What the admin API does with jobs and runs, made of the scheduler's, executor's and connectors' parts.
import { inputsOf } from '../../scheduler/run-inputs.ts';
import { intervalsIn } from '../../scheduler/fire-interval.ts';
import { notesOn, previewSchedule, requireFires } from '../../scheduler/preview-schedule.ts';
import { firstFire, settleFires } from '../../scheduler/settle-fires.ts';
import { triggerRun } from '../../scheduler/trigger-run.ts';
import { wakeRuns } from '../../scheduler/wake-runs.ts';
import { removeJobResources } from '../../executors/remove-job.ts';
import { foreseeRun } from '../../executors/run/foresee-run.ts';
import { wireJob } from '../../executors/run/wire-job.ts';
import type { JobActs, Schedules } from '../api/api-parts.ts';
import type { ConnectorPlugin } from '../core/connector/contract.ts';
import type { Emit } from '../core/events.ts';
import type { RefuseAddress } from '../core/network/address-guard.ts';
import { requireReachable } from '../core/network/check-hosts.ts';
import type { JobSpec } from '../core/job.ts';
import type { TargetLedger } from '../core/ledger/ledger.ts';
import type { IsBefore } from '../core/position.ts';
import { findPlugin } from '../core/connector/plugin-registry.ts';
import type { CalendarStore } from '../core/ports/calendars.ts';
import type { ConnectCluster } from '../core/ports/connect-cluster.ts';
import { SyncError } from '../core/errors.ts';
import { sampleSpec } from '../core/template/fill-spec.ts';
import type { RunInputs } from '../core/template/run-inputs.ts';
import type { Adapters } from './adapters.ts';

export const schedules: Schedules = {
  requireFires,
  preview: previewSchedule,
  intervals: intervalsIn,
  notesOn,
  firstFire,
  settle: settleFires,
};

/** With the calendars as they are now. */
export function inputsOfRun(
  calendars: Pick<CalendarStore, 'readSpecs'>,
): (spec: JobSpec, run: Parameters<typeof inputsOf>[2]) => Promise<RunInputs> {
  return async (spec, run) => {
    const names = spec.schedule?.calendars ?? [];
    const found = names.length === 0 ? [] : await calendars.readSpecs(names);
    return inputsOf(spec, found, run);
  };
}

export function createJobActs(parts: {
  store: Pick<Adapters['store'], 'jobs' | 'runs' | 'calendars'>;
  queue: Pick<Adapters['queue'], 'wake'>;
  clusters: ReadonlyMap<string, ConnectCluster>;
  plugins: readonly ConnectorPlugin[];
  refuse: RefuseAddress;
  emit: Emit;
}): JobActs {
  const { store, queue } = parts;
  const trigger = { jobs: store.jobs, runs: store.runs, queue, emit: parts.emit };

  const withLedger = async <T>(
    spec: JobSpec,
    jobId: string,
    work: (ledger: TargetLedger) => Promise<T>,
  ): Promise<T> => {
    const { plugins, sink } = await wireJob(parts, jobId, sampleSpec(spec, parts.plugins));
    if (plugins.sink === null) {
      throw new SyncError('NOT_FOUND', {
        message: `reading the watermark: ${spec.sink.connector} keeps no ledger`,
      });
    }
    await requireReachable(parts, spec.sink, 'sink.config');
    const ledger = await plugins.sink.openLedger(sink.config);
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  };

  return {
    trigger: (job, options) => triggerRun(trigger, job, options),
    inputsOf: inputsOfRun(store.calendars),
    retry: async (...request) => {
      const result = await store.runs.retry(...request);
      if (result.created) await wakeRuns(trigger, [result.run]);
      return result;
    },
    cancel: (runId, audit) => store.runs.requestCancel(runId, audit),
    removeResources: (job) =>
      removeJobResources(parts, { ...job, spec: sampleSpec(job.spec, parts.plugins) }),
    foresee: (job) => foreseeRun(parts, job, store.jobs),
    readWatermark: (spec, jobId) =>
      withLedger(spec, jobId, async (ledger) => {
        const row = await ledger.readJob(jobId);
        return row === null ? null : { watermark: row.watermark, epoch: row.epoch };
      }),
    resetWatermark: (spec, jobId, reset) =>
      withLedger(spec, jobId, (ledger) =>
        ledger.resetWatermark(jobId, { ...reset, isBefore: orderOf(parts.plugins, spec) }),
      ),
  };
}

/** Where nobody knows the order, the watermark may have moved over changes. */
function orderOf(plugins: readonly ConnectorPlugin[], { source }: JobSpec): IsBefore {
  const plugin = findPlugin(plugins, source.connector);
  const positions = plugin?.type === 'source' ? plugin.positions?.(source.config) : undefined;
  return (a, b) => positions === undefined || positions.compare(a, b) < 0;
}
