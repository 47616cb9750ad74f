// Run rows in memory with the store's rules; the database's time is the given clock's.
import type { Clock } from '../../src/core/clock.ts';
import { SyncError, shapeOf } from '../../src/core/errors.ts';
import type { LogLine, NewRun, RunStore } from '../../src/core/ports/runs.ts';
import { isTerminal, type Run } from '../../src/core/run.ts';

export interface MemoryRunStore extends RunStore {
  readonly rows: Map<string, Run>;
  readonly lines: Map<string, LogLine[]>;
  /** Every report that was saved while a run went. */
  readonly saved: string[];
  /** Versions of the jobs that exist; empty: every job does, in version 1. */
  readonly jobVersions: Map<string, number>;
  /** While true every call throws DATABASE_UNREACHABLE. */
  away: boolean;
}

export function createMemoryRunStore(clock: Clock): MemoryRunStore {
  const rows = new Map<string, Run>();
  const lines = new Map<string, LogLine[]>();
  const jobVersions = new Map<string, number>();
  let made = 0;
  const change = (id: string, isMine: (run: Run) => boolean, to: (run: Run) => Partial<Run>): Run | null => {
    const run = rows.get(id);
    if (run === undefined || !isMine(run)) return null;
    const next = { ...run, ...to(run) };
    rows.set(id, next);
    return next;
  };
  const isGoing = (run: Run): boolean => run.state === 'starting' || run.state === 'running';
  const isExpired = (run: Run): boolean => isGoing(run) && (run.leaseUntil ?? 0) <= clock.now();
  const newest = (): Run[] => [...rows.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  const rowsOf = (jobId: string): Run[] =>
    [...rows.values()].filter((run) => run.jobId === jobId && run.interval !== null);
  const isBusy = (jobId: string): boolean =>
    [...rows.values()].some((run) => run.jobId === jobId && isGoing(run));
  const versionOf = (jobId: string, { trigger }: NewRun): number => {
    const version = jobVersions.size === 0 ? 1 : jobVersions.get(jobId);
    if (version === undefined) throw new SyncError('NOT_FOUND', { message: `no job ${jobId}` });
    return trigger.kind === 'retry' ? (rows.get(trigger.of)?.jobVersion ?? version) : version;
  };

  const store: MemoryRunStore = {
    rows,
    lines,
    jobVersions,
    saved: [],
    away: false,
    create: async (jobId, run) => {
      await Promise.resolve();
      const jobVersion = versionOf(jobId, run);
      const key = keyOf(run);
      if (key !== null && key.length > 200)
        throw new SyncError('BAD_INPUT', { message: 'the key is too long' });
      const same = [...rows.values()].find(
        (row) =>
          row.jobId === jobId &&
          ((key !== null && keyOf(row) === key) ||
            (row.plannedAt === run.plannedAt && row.attempt === run.attempt)),
      );
      if (same !== undefined) return answer({ run: same, created: false });
      const waiting = [...rows.values()].filter(
        (row) => row.jobId === jobId && row.state === 'queued',
      ).length;
      if (run.maxQueued !== undefined && waiting >= run.maxQueued)
        throw new SyncError('CONFLICT', { message: `${waiting} runs wait already` });
      const retries = [...rows.values()].filter((row) => row.jobId === jobId && row.trigger.kind === 'retry');
      if (run.maxRetriesToday !== undefined && retries.length >= run.maxRetriesToday)
        throw new SyncError('CONFLICT', {
          message: `tried again ${retries.length} times today`,
          field: 'policy.retriesPerDay',
        });
      made += 1;
      const id = `run-${String(made).padStart(6, '0')}`;
      const row = { ...newRow(id, jobId, run, clock.now()), jobVersion };
      rows.set(row.id, row);
      return answer({ run: row, created: true });
    },
    retry: async ({ id, mode }) => {
      const run = rows.get(id);
      if (run === undefined) throw new SyncError('NOT_FOUND', { message: `no run ${id}` });
      const { jobId, plannedAt, parameters, cluster, executor, interval } = run;
      const attempts = [...rows.values()].filter((row) => row.jobId === jobId && row.plannedAt === plannedAt);
      const attempt = 1 + Math.max(...attempts.map((row) => row.attempt));
      return store.create(jobId, {
        ...{ plannedAt, parameters, cluster, executor, interval, attempt },
        mode: mode ?? run.mode,
        trigger: { kind: 'retry', of: id },
        notBefore: clock.now(),
        skipped: null,
      });
    },
    read: (id) => answer(rows.get(id) ?? null),
    list: ({ jobId, state, limit, before }) =>
      answer(
        newest()
          .filter((run) => before === null || run.id < before)
          .filter((run) => (jobId === null || run.jobId === jobId) && (state === null || run.state === state))
          .slice(0, limit),
      ),
    listPlanned: ({ jobId, from, to, limit }) => {
      const rows = [...rowsOf(jobId)].sort((a, b) => b.plannedAt - a.plannedAt || b.attempt - a.attempt);
      const within = rows.filter(({ plannedAt }) => plannedAt >= from && plannedAt <= to).slice(0, limit);
      return answer([...within, ...rows.filter(({ plannedAt }) => plannedAt < from).slice(0, 1)]);
    },
    listQueued: (now, limit, executor) =>
      answer(
        newest()
          .filter((run) => run.state === 'queued' && run.notBefore <= now && !isBusy(run.jobId))
          .filter((run) => executor === undefined || run.executor === null || run.executor === executor)
          .sort((a, b) => b.priority - a.priority || a.notBefore - b.notBefore || (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      ),
    listFreed: async ({ jobId }, now) => {
      const queued = await store.listQueued(now, 100);
      return queued.filter((run) => run.jobId === jobId).slice(0, 1);
    },
    readWaiting: () => Promise.reject(new Error('no executor asks what a run waits for')),
    claim: ({ id, owner, executor, leaseMs }) => {
      const now = clock.now();
      const mayGo = (run: Run): boolean =>
        run.state === 'queued' &&
        run.notBefore <= now &&
        !isBusy(run.jobId) &&
        (run.executor === null || run.executor === executor);
      return answer(
        change(id, mayGo, () => ({ state: 'starting', owner, leaseUntil: now + leaseMs, startedAt: now })),
      );
    },
    renew: ({ id, owner, leaseMs }) => {
      const leaseUntil = clock.now() + leaseMs;
      const run = change(
        id,
        (row) => row.owner === owner && isGoing(row),
        () => ({ leaseUntil }),
      );
      return answer({ held: run !== null, leaseUntil });
    },
    listCancelRequested: (owner) =>
      answer(
        [...rows.values()]
          .filter((run) => run.owner === owner && isGoing(run) && run.cancelRequested)
          .map(({ id }) => ({ id, replaced: null })),
      ),
    release: ({ id, owner }) => {
      change(
        id,
        (run) => run.owner === owner && isGoing(run),
        () => ({ leaseUntil: clock.now() }),
      );
      return answer(undefined);
    },
    advance: ({ id, owner, from, to, epoch }) =>
      answer(
        change(
          id,
          (run) => run.owner === owner && run.state === from && isGoing(run),
          (run) => ({ state: to, epoch: epoch ?? run.epoch }),
        ) !== null,
      ),
    saveProgress: (id, owner, report) => {
      const mine = change(
        id,
        (run) => run.owner === owner && isGoing(run),
        () => ({ report }),
      );
      if (mine !== null) store.saved.push(JSON.stringify(report));
      return answer(undefined);
    },
    finish: ({ id, owner, state, reason, report }) =>
      answer(
        change(
          id,
          (run) =>
            !isTerminal(run.state) &&
            (owner === null ? run.owner === null || isExpired(run) : run.owner === owner),
          (run) => ({ state, reason, report: report ?? run.report, endedAt: clock.now(), leaseUntil: null }),
        ) !== null,
      ),
    listExpired: (limit) => answer([...rows.values()].filter(isExpired).slice(0, limit)),
    takeOver: ({ id, owner, leaseMs }) =>
      answer(change(id, isExpired, () => ({ owner, leaseUntil: clock.now() + leaseMs }))),
    requestCancel: (id) =>
      answer(
        change(
          id,
          () => true,
          (run) => {
            if (isTerminal(run.state)) return {};
            return run.state === 'queued' ? cancelled(clock.now()) : { cancelRequested: true };
          },
        ),
      ),
    addLog: async (id, added) => {
      await Promise.resolve();
      if (!rows.has(id)) throw new SyncError('NOT_FOUND', { message: `no run ${id}` });
      lines.set(id, [...(lines.get(id) ?? []), ...added]);
    },
    readLog: (id, after, limit) =>
      answer((lines.get(id) ?? []).map((line, at) => ({ ...line, seq: at + 1 })).slice(after, after + limit)),
    readPrevious: (jobId, before) =>
      answer(
        newest().find(
          (run) =>
            run.jobId === jobId && run.id < before.id && isTerminal(run.state) && run.state !== 'skipped',
        ) ?? null,
      ),
    sweep: (before, limit) => {
      const old = [...rows.values()].filter(({ endedAt }) => endedAt !== null && endedAt < before);
      for (const { id } of old.slice(0, limit)) {
        rows.delete(id);
        lines.delete(id);
      }
      return answer(Math.min(old.length, limit));
    },
  };

  function answer<T>(value: T): Promise<T> {
    return Promise.resolve(value);
  }
  return guarded(store);
}

function keyOf({ trigger }: Pick<Run, 'trigger'>): string | null {
  return trigger.kind === 'manual' ? trigger.idempotencyKey : null;
}

function cancelled(now: number): Partial<Run> {
  const reason = shapeOf('CANCELLED', 'cancelled before it started');
  return { state: 'cancelled', reason, endedAt: now };
}

/** An unreachable database changes nothing: the check comes before the work. */
function guarded(store: MemoryRunStore): MemoryRunStore {
  return new Proxy(store, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || !target.away) return value;
      return () => Promise.reject(new SyncError('DATABASE_UNREACHABLE', { message: 'the database is away' }));
    },
  });
}

function newRow(id: string, jobId: string, run: NewRun, now: number): Run {
  return {
    id,
    jobId,
    jobVersion: 1,
    plannedAt: run.plannedAt,
    instants: run.instants ?? null,
    interval: run.interval ?? null,
    attempt: run.attempt,
    trigger: run.trigger,
    mode: run.mode,
    parameters: run.parameters ?? {},
    cluster: run.cluster ?? null,
    executor: run.executor ?? null,
    state: run.skipped === null ? 'queued' : 'skipped',
    notBefore: run.notBefore,
    priority: run.priority ?? 0,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    owner: null,
    leaseUntil: null,
    cancelRequested: false,
    epoch: null,
    reason: run.skipped,
    report: null,
  };
}
