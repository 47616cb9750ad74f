// Calendars on every store: versions, the jobs that name them, and that both stay in step whoever changes what.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decideFire } from '../../scheduler/decide-fire.ts';
import { firstFire, settleFires } from '../../scheduler/settle-fires.ts';
import { textOfDay, weekdays, type CalendarSpec } from '../../src/core/planning/calendar.ts';
import type { Job } from '../../src/core/job.ts';
import type { Store } from '../../src/store/open-store.ts';
import { everySecond, sampleJob } from '../support/sample-job.ts';

const audit = { actor: 'admin', action: 'calendar.test', object: 'calendar', detail: '' };
const msPerDay = 86_400_000;

export function testCalendars(name: string, open: () => Promise<readonly [Store, Store]>): void {
  describe(`calendars on ${name}`, () => {
    let store: Store;
    let other: Store;
    let made = 0;
    beforeAll(async () => {
      [store, other] = await open();
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });

    const fresh = (change: Partial<CalendarSpec> = {}): CalendarSpec => ({
      name: `calendar-${String((made += 1)).padStart(3, '0')}`,
      description: '每天',
      weekdays: [...weekdays],
      exclude: [],
      include: [],
      ...change,
    });
    const newJob = (calendars: readonly string[], at = store): Promise<Job> => {
      const schedule = { ...everySecond, cron: '0 0 12 * * ?', calendars };
      const spec = sampleJob(`dated ${(made += 1)}`, { schedule });
      return at.jobs.create(spec, (now, found) => firstFire(schedule, now, found));
    };
    const today = async (): Promise<number> => Math.floor((await store.jobs.databaseNow()) / msPerDay);
    const closedFor = async (days: number): Promise<CalendarSpec['exclude']> => [
      { from: textOfDay(await today()), to: textOfDay((await today()) + days - 1) },
    ];

    it('are made, read, listed by name, changed and removed', async () => {
      const spec = fresh({ exclude: [{ from: '2027-02-05', to: '2027-02-11', name: '春节' }] });
      const calendar = await store.calendars.create(spec, audit);
      expect(calendar).toMatchObject({ spec, version: 1 });
      expect(await store.calendars.read(spec.name)).toEqual(calendar);
      expect(await store.calendars.read('none')).toBeNull();
      expect(await store.calendars.readSpecs([spec.name, 'none'])).toEqual([spec]);
      expect(await store.calendars.list(500)).toContainEqual(calendar);
      await expect(store.calendars.create(spec, audit)).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'name',
      });
      const change = { version: 1, spec: { ...spec, description: 'changed' }, settle: settleFires };
      const changed = await store.calendars.update(change, audit);
      expect(changed).toMatchObject({ calendar: { version: 2, spec: { description: 'changed' } }, jobs: 0 });
      await expect(store.calendars.update(change, audit)).rejects.toMatchObject({
        code: 'CONFLICT',
        field: 'version',
      });
      await expect(store.calendars.remove({ name: spec.name, version: 1 }, audit)).rejects.toMatchObject({
        code: 'CONFLICT',
      });
      await store.calendars.remove({ name: spec.name, version: 2 }, audit);
      expect(await store.calendars.read(spec.name)).toBeNull();
      await expect(store.calendars.remove({ name: spec.name, version: 2 }, audit)).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    });

    it('are told to the first fire of a job, to its due fires and to what its changes do', async () => {
      const spec = fresh({ exclude: await closedFor(40) });
      await store.calendars.create(spec, audit);
      const job = await newJob([spec.name]);
      expect(job.nextFireAt).toBe(((await today()) + 40) * msPerDay + msPerDay / 2);
      const seen: (readonly CalendarSpec[])[] = [];
      await store.jobs.claimDue((job.nextFireAt ?? 0) + 1, 1_000, (due) => {
        if (due.job.id === job.id) seen.push(due.calendars);
        return { ...decideFire(due), runs: [] };
      });
      await store.jobs.setPaused({
        id: job.id,
        paused: true,
        settle: (due, after) => (seen.push(due.calendars, after.calendars), settleFires(due, after)),
      });
      expect(seen).toEqual([[spec], [spec], [spec]]);
    });

    it('are refused where there is none of the name, with the nearest, and nothing is stored', async () => {
      const spec = fresh();
      await store.calendars.create(spec, audit);
      const wrong = spec.name.replace('calendar', 'calender');
      await expect(newJob([wrong])).rejects.toMatchObject({
        code: 'BAD_INPUT',
        field: 'schedule.calendars.0',
        message: expect.stringContaining(`"${spec.name}"`) as string,
      });
      const job = await newJob([spec.name]);
      const schedule = { ...everySecond, calendars: [spec.name, wrong] };
      const change = { id: job.id, version: 1, spec: { ...job.spec, schedule }, settle: settleFires };
      await expect(store.jobs.update(change)).rejects.toMatchObject({ field: 'schedule.calendars.1' });
      expect(await store.jobs.read(job.id)).toEqual(job);
    });

    it('move the next fires of their jobs when they change, and are told how many', async () => {
      const spec = fresh();
      await store.calendars.create(spec, audit);
      const [first, second, unrelated] = [
        await newJob([spec.name]),
        await newJob([spec.name]),
        await newJob([]),
      ];
      const change = { version: 1, spec: { ...spec, exclude: await closedFor(30) }, settle: settleFires };
      expect((await store.calendars.update(change, audit)).jobs).toBe(2);
      for (const { id } of [first, second])
        expect((await store.jobs.read(id))?.nextFireAt).toBeGreaterThan(((await today()) + 29) * msPerDay);
      expect(await store.jobs.read(unrelated.id)).toEqual(unrelated);
      await store.calendars.update({ version: 2, spec, settle: settleFires }, audit);
      expect((await store.jobs.read(first.id))?.nextFireAt).toBe(first.nextFireAt);
    });

    it('can not be removed while a job names them, which is said by name', async () => {
      const spec = fresh();
      await store.calendars.create(spec, audit);
      const job = await newJob([spec.name]);
      expect(await store.calendars.listUsers(spec.name, 10)).toEqual([{ id: job.id, name: job.spec.name }]);
      await expect(store.calendars.remove({ name: spec.name, version: 1 }, audit)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: expect.stringContaining(job.spec.name) as string,
      });
      await store.jobs.remove(job.id);
      await store.calendars.remove({ name: spec.name, version: 1 }, audit);
    });

    it('are whole beside jobs: saved while they change or go, a job follows the days as they are then', async () => {
      for (let n = 0; n < 10; n++) {
        const spec = fresh();
        await store.calendars.create(spec, audit);
        const closed = { ...spec, exclude: await closedFor(30) };
        const [saved] = await Promise.all([
          newJob([spec.name], other),
          store.calendars.update({ version: 1, spec: closed, settle: settleFires }, audit),
        ]);
        const after = await store.jobs.read(saved.id);
        expect(after?.nextFireAt).toBeGreaterThan(((await today()) + 29) * msPerDay);
        await store.jobs.remove(saved.id);
        const [job, gone] = await Promise.allSettled([
          newJob([spec.name], other),
          store.calendars.remove({ name: spec.name, version: 2 }, audit),
        ]);
        expect([job.status, gone.status].sort()).toEqual(['fulfilled', 'rejected']);
      }
    });
  });
}
