// Run rows in memory with the store's rules; the database's time is the given clock's.
import type { Clock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import type { LogLine, NewRun, RunStore } from '../../src/core/ports.ts';
import { isTerminal, type Run } from '../../src/core/run.ts';

export interface MemoryRunStore extends RunStore {
  readonly rows: Map<string, Run>;
  readonly lines: Map<string, LogLine[]>;
  /** Every report that was saved while a run went. */
  readonly saved: string[];
  /** While true every call throws DATABASE_UNREACHABLE. */
  away: boolean;
}

export function createMemoryRunStore(clock: Clock): MemoryRunStore {
  const rows = new Map<string, Run>();
  const lines = new Map<string, LogLine[]>();
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

  const store: MemoryRunStore = {
    rows,
    lines,
    saved: [],
    away: false,
    create: (jobId, run) => {
      const same = [...rows.values()].find(
        (row) => row.jobId === jobId && row.plannedAt === run.plannedAt && row.attempt === run.attempt,
      );
      if (same !== undefined) return answer({ run: same, created: false });
      made += 1;
      const row = newRow(`run-${String(made).padStart(6, '0')}`, jobId, run, clock.now());
      rows.set(row.id, row);
      return answer({ run: row, created: true });
    },
    read: (id) => answer(rows.get(id) ?? null),
    list: ({ jobId, state, limit }) =>
      answer(
        newest()
          .filter((run) => (jobId === null || run.jobId === jobId) && (state === null || run.state === state))
          .slice(0, limit),
      ),
    listQueued: (now, limit) =>
      answer(
        newest()
          .reverse()
          .filter((run) => run.state === 'queued' && run.notBefore <= now)
          .slice(0, limit),
      ),
    claim: ({ id, owner, leaseMs }) => {
      const now = clock.now();
      const mayGo = (run: Run): boolean =>
        run.state === 'queued' &&
        run.notBefore <= now &&
        ![...rows.values()].some((other) => other.jobId === run.jobId && isGoing(other));
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
      return answer({ held: run !== null, cancelRequested: run?.cancelRequested ?? false, leaseUntil });
    },
    advance: ({ id, owner, from, to, epoch }) =>
      answer(
        change(
          id,
          (run) => run.owner === owner && run.state === from,
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
          (run) => !isTerminal(run.state) && (owner === null ? isExpired(run) : run.owner === owner),
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
          (run) => !isTerminal(run.state),
          (run) => (run.state === 'queued' ? { state: 'cancelled' } : { cancelRequested: true }),
        ),
      ),
    addLog: (id, added) => {
      lines.set(id, [...(lines.get(id) ?? []), ...added]);
      return answer(undefined);
    },
    readLog: (id, after, limit) =>
      answer((lines.get(id) ?? []).map((line, seq) => ({ ...line, seq })).slice(after, after + limit)),
    readPrevious: (jobId, before) =>
      answer(
        newest().find(
          (run) =>
            run.jobId === jobId && run.id < before.id && isTerminal(run.state) && run.state !== 'skipped',
        ) ?? null,
      ),
    sweep: () => answer(0),
  };

  function answer<T>(value: T): Promise<T> {
    return Promise.resolve(value);
  }
  return guarded(store);
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
    attempt: run.attempt,
    trigger: run.trigger,
    mode: run.mode,
    state: run.skipped === null ? 'queued' : 'skipped',
    notBefore: run.notBefore,
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
