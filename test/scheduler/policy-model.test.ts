// Schedules with random policies on a real store and a clock that is moved by hand: schedulers come and go, executors take and end
// runs, people pause, resume, edit and trigger. Whatever happens, in whatever order:
//
//  every instant that fell due while the job was not paused has one row, alone or in a stretch, and no other instant has;
//  none of a day that its calendar has closed is one of them, whenever somebody closes and opens the day to come
//  one run of the job goes at a time, and a run's state moves along its drawing only (core/run.ts)
//  of the job and its neighbour, which share a limit of one, one goes at a time, and one does where one could
//  each fire owns the time since the one before, and no two own the same
//  the misfire and overlap policies hold, and a reason names a run only that was there
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runOnce } from '../../scheduler/scheduler.ts';
import { settleFires } from '../../scheduler/settle-fires.ts';
import { triggerRun } from '../../scheduler/trigger-run.ts';
import { textOfDay, weekdays, type CalendarSpec } from '../../src/core/planning/calendar.ts';
import type { Job } from '../../src/core/job.ts';
import { isTerminal, type Run, type RunState } from '../../src/core/run.ts';
import type { Schedule } from '../../src/core/schedule.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { createFakeQueue } from '../fakes/fake-queue.ts';
import { everySecond, sampleJob } from '../support/sample-job.ts';

// Not far from midnight, so that days that are closed come.
const T = Date.UTC(2026, 0, 1, 23, 30);
// Longer than the grace, so that there are moments at which nothing is on time.
const periodMs = 30_000;
const graceMs = 20_000;
const leaseMs = 3_600_000;

type Command =
  | { readonly kind: 'pass'; readonly seconds: number; readonly scheduler: boolean }
  | { readonly kind: 'take' | 'pause' | 'resume' | 'edit' | 'trigger' | 'cancel' | 'calendar' }
  | { readonly kind: 'end'; readonly state: 'succeeded' | 'failed' };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 60, max: 4_000 })),
      scheduler: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'take' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      state: fc.constantFrom('succeeded' as const, 'failed' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'pause' as const,
        'resume' as const,
        'edit' as const,
        'trigger' as const,
        'cancel' as const,
        'calendar' as const,
      ),
    }),
  },
);

const policies: fc.Arbitrary<Partial<Schedule>> = fc.oneof(
  fc.record({
    overlap: fc.constantFrom('forbid' as const, 'replace' as const),
    misfire: fc.constantFrom('skip' as const, 'once' as const),
  }),
  fc.record({
    overlap: fc.constant('queue' as const),
    queueLimit: fc.integer({ min: 3, max: 6 }),
    misfire: fc.constantFrom('skip' as const, 'once' as const),
  }),
  fc.record({
    overlap: fc.constant('queue' as const),
    queueLimit: fc.integer({ min: 3, max: 6 }),
    misfire: fc.constant('all' as const),
    misfireLimit: fc.integer({ min: 1, max: 3 }),
    misfireWindowMs: fc.constantFrom(60_000, 3_600_000),
  }),
);

const moves: Readonly<Partial<Record<RunState, readonly RunState[]>>> = {
  queued: ['starting', 'cancelled', 'superseded'],
  starting: ['running', 'succeeded', 'failed', 'superseded', 'cancelled'],
};

const calendar: CalendarSpec = {
  name: 'days',
  description: '',
  weekdays: [...weekdays],
  exclude: [],
  include: [],
};
const dayAt = (at: number): number => Math.floor(at / 86_400_000);

class World {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly schedule: Schedule;
  private job: Job;
  private readonly neighbour: Job;
  private paused = false;
  /** From here on instants are not accounted for yet. */
  private from = T;
  private readonly due: number[] = [];
  private seen = new Map<string, Run>();
  private readonly closed = new Set<number>();
  private calendarVersion = 1;

  constructor(store: Store, clock: FakeClock, [job, neighbour]: readonly [Job, Job], schedule: Schedule) {
    this.store = store;
    this.clock = clock;
    this.job = job;
    this.neighbour = neighbour;
    this.schedule = schedule;
  }

  async apply(step: Command): Promise<void> {
    const { jobs, runs } = this.store;
    const { id } = this.job;
    switch (step.kind) {
      case 'pass':
        this.clock.set(this.clock.now() + step.seconds * 1_000);
        return step.scheduler ? this.round() : undefined;
      case 'take':
        for (const run of await runs.listQueued(this.clock.now(), 9))
          await runs.claim({ id: run.id, owner: 'executor', leaseMs });
        if ((await this.going()).length === 0)
          expect(await this.everyRow('queued').then((rows) => rows.filter((run) => this.isDue(run)))).toEqual(
            [],
          );
        return;
      case 'end':
        for (const run of await this.going())
          await runs.finish({
            id: run.id,
            owner: 'executor',
            state: run.cancelRequested ? 'superseded' : step.state,
            reason: null,
            report: null,
          });
        return;
      case 'pause':
      case 'resume':
        this.account();
        this.paused = step.kind === 'pause';
        await jobs.setPaused({ id, paused: this.paused, settle: settleFires });
        return;
      case 'calendar': {
        this.account();
        const tomorrow = dayAt(this.clock.now()) + 1;
        if (!this.closed.delete(tomorrow)) this.closed.add(tomorrow);
        const exclude = [...this.closed].map((day) => ({ from: textOfDay(day) }));
        const change = { version: this.calendarVersion, spec: { ...calendar, exclude }, settle: settleFires };
        const audit = { actor: 'admin', action: 'calendar.update', object: 'calendar', detail: '' };
        await this.store.calendars.update(change, audit);
        this.calendarVersion += 1;
        return;
      }
      case 'edit': {
        const spec = { ...this.job.spec, description: `edited at ${this.clock.now()}` };
        this.job = await jobs.update({ id, version: this.job.version, spec, settle: settleFires });
        return;
      }
      case 'trigger': {
        const parts = { jobs, runs, queue: createFakeQueue(), emit: () => undefined };
        for (const job of [this.neighbour, this.job])
          await triggerRun(parts, job, {
            mode: null,
            parameters: {},
            cluster: null,
            executor: null,
            idempotencyKey: null,
          }).catch((error: unknown) => expect(error).toMatchObject({ code: 'CONFLICT' }));
        return;
      }
      case 'cancel':
        for (const run of await this.rows()) if (run.state === 'queued') await runs.requestCancel(run.id);
    }
  }

  async round(): Promise<void> {
    this.account();
    const parts = {
      jobs: this.store.jobs,
      queue: createFakeQueue(),
      clock: this.clock,
      emit: () => undefined,
    };
    await runOnce(parts);
  }

  rows(): Promise<readonly Run[]> {
    return this.store.runs.list({ jobId: this.job.id, state: null, limit: 10_000, before: null });
  }

  async check(): Promise<void> {
    const rows = await this.rows();
    expect((await this.going()).length).toBeLessThanOrEqual(1);
    for (const run of rows) {
      const before = this.seen.get(run.id)?.state ?? run.state;
      if (before !== run.state) expect(moves[before] ?? []).toContain(run.state);
      expect(run.endedAt !== null).toBe(isTerminal(run.state));
    }
    this.checkNew(
      rows.filter(({ id }) => !this.seen.has(id)),
      rows,
    );
    this.seen = new Map(rows.map((run) => [run.id, run]));
  }

  async checkCoverage(): Promise<void> {
    await this.round();
    const fires = (await this.rows()).filter(({ trigger }) => trigger.kind === 'schedule');
    const covered = fires.flatMap(({ plannedAt, instants }) => {
      const all = this.open(plannedAt, instants?.last ?? plannedAt);
      if (instants !== null) expect(instants.count).toBe(all.length);
      return all;
    });
    expect(covered.sort((a, b) => a - b)).toEqual(this.due);
    this.checkIntervals(fires);
  }

  private checkIntervals(fires: readonly Run[]): void {
    let end = -Infinity;
    for (const { plannedAt, instants, interval } of [...fires].sort((a, b) => a.plannedAt - b.plannedAt)) {
      expect(interval?.to).toBe(instants?.last ?? plannedAt);
      expect(interval?.from).toBeLessThan(plannedAt);
      // What lies between two of them was paused.
      expect(interval?.from).toBeGreaterThanOrEqual(end);
      end = interval?.to ?? end;
    }
  }

  /** Instants from `first` to `last` of days that are not closed: whether one is never changes once it has begun. */
  private open(first: number, last: number): number[] {
    const found: number[] = [];
    for (let at = first; at <= last; at += periodMs) if (!this.closed.has(dayAt(at))) found.push(at);
    return found;
  }

  private checkNew(made: readonly Run[], rows: readonly Run[]): void {
    const { overlap, misfire, queueLimit = 0, misfireLimit = 0, misfireWindowMs = 0 } = this.schedule;
    const ran = made.filter(({ trigger, state }) => trigger.kind === 'schedule' && state !== 'skipped');
    const late = ran.filter(({ createdAt, plannedAt }) => createdAt - plannedAt >= graceMs);
    const most = { skip: 0, once: 1, all: misfireLimit }[misfire];
    expect(late.length).toBeLessThanOrEqual(most);
    if (misfire === 'all')
      for (const { createdAt, plannedAt } of late)
        expect(createdAt - plannedAt).toBeLessThanOrEqual(misfireWindowMs);
    if (overlap !== 'queue') {
      expect(ran.length).toBeLessThanOrEqual(1);
      for (const run of ran)
        expect(
          Math.max(
            ...made.map((row) => row.instants?.last ?? row.plannedAt).filter((at) => at % 1_000 === 0),
          ),
        ).toBe(run.plannedAt);
    }
    const waiting = rows.filter(({ state, trigger }) => state === 'queued' && trigger.kind === 'schedule');
    if (overlap === 'queue') expect(waiting.length).toBeLessThanOrEqual(queueLimit + 1);
    if (overlap === 'forbid') expect(waiting.length).toBeLessThanOrEqual(1);
    if (overlap === 'replace' && ran.length > 0)
      for (const run of rows)
        if (this.seen.has(run.id) && !isTerminal(run.state)) expect(run.cancelRequested).toBe(true);
    for (const { reason, createdAt } of made) this.checkReason(reason?.message ?? '', createdAt, rows);
  }

  /** A run that a reason names was not over when it was written. */
  private checkReason(message: string, at: number, rows: readonly Run[]): void {
    const named = /run ([0-9a-f-]{36})/.exec(message)?.[1];
    if (named === undefined) return;
    const run = rows.find(({ id }) => id === named);
    expect(run).toBeDefined();
    expect(run?.createdAt).toBeLessThanOrEqual(at);
    expect(run?.endedAt ?? Infinity).toBeGreaterThanOrEqual(at);
  }

  /** Of both jobs. */
  private going(): Promise<readonly Run[]> {
    return this.everyRow('starting');
  }

  private everyRow(state: RunState): Promise<readonly Run[]> {
    return this.store.runs.list({ jobId: null, state, limit: 10_000, before: null });
  }

  private isDue({ notBefore }: Run): boolean {
    return notBefore <= this.clock.now();
  }

  /** What fell due up to now. */
  private account(): void {
    const now = this.clock.now();
    if (!this.paused) this.due.push(...this.open((Math.floor(this.from / periodMs) + 1) * periodMs, now));
    this.from = now;
  }
}

it('keeps every instant, one run at a time and each policy, whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      policies,
      fc.array(command, { minLength: 5, maxLength: 30 }),
      async (change, commands) => {
        const clock = createFakeClock(T);
        const store = await openStore({ url: 'sqlite::memory:', secretKey: Buffer.alloc(32), clock });
        try {
          const schedule: Schedule = {
            ...everySecond,
            ...change,
            cron: '0/30 * * * * ?',
            misfireGraceMs: graceMs,
            calendars: [calendar.name],
          };
          const audit = { actor: 'admin', action: 'test', object: 'model', detail: '' };
          await store.calendars.create(calendar, audit);
          const labels = ['shared'];
          const job = await store.jobs.create(sampleJob('job', { schedule, labels }), () => T + periodMs);
          const beside = sampleJob('neighbour', { schedule: null, labels });
          const neighbour = await store.jobs.create(beside, () => null);
          await store.limits.set({ kind: 'label', name: 'shared', max: 1 }, audit);
          const world = new World(store, clock, [job, neighbour], schedule);
          for (const step of commands) {
            await world.apply(step);
            await world.check();
          }
          await world.checkCoverage();
        } finally {
          await store.close();
        }
      },
    ),
    { numRuns: 60 },
  );
}, 300_000);
