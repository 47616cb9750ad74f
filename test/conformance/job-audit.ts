// Who did what: written in the transaction of the act, or neither is.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleFires } from '../../scheduler/settle-fires.ts';
import type { AuditOf } from '../../src/core/ports/audit.ts';
import type { Store } from '../../src/store/open-store.ts';
import { sampleJob, sampleRun } from '../support/sample-job.ts';

export function testJobAudit(name: string, open: () => Promise<Store>): void {
  describe(`the audit trail on ${name}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(() => store.close());

    it('an act and its audit row stand or fall together', async () => {
      const fails = (): never => {
        throw new Error('no audit row, no act');
      };
      const of =
        (action: string): AuditOf<{ readonly id: string }> =>
        ({ id }) => ({ actor: 'ann', action, object: id, detail: '' });
      const actions = async (): Promise<string[]> =>
        (await store.jobs.listAudit({ limit: 100, before: null })).map(({ action }) => action);
      const spec = sampleJob('audited');
      const before = await actions();
      await expect(store.jobs.create(spec, (now) => now + 3_600_000, fails)).rejects.toThrow('no act');
      expect(await store.jobs.readByName(spec.name)).toBeNull();
      const { id } = await store.jobs.create(spec, (now) => now + 3_600_000, of('create'));
      const edit = { id, version: 1, spec: { ...spec, description: 'other' }, settle: settleFires };
      await expect(store.jobs.update(edit, fails)).rejects.toThrow('no act');
      await expect(store.jobs.setPaused({ id, paused: true, settle: settleFires }, fails)).rejects.toThrow(
        'no act',
      );
      const run = sampleRun(1, { trigger: { kind: 'manual', idempotencyKey: 'key' } });
      await expect(store.runs.create(id, run, fails)).rejects.toThrow('no act');
      expect(await store.jobs.read(id)).toMatchObject({ version: 1, paused: false });
      expect(await store.runs.list({ jobId: id, state: null, limit: 9, before: null })).toEqual([]);
      await store.jobs.update(edit, of('update'));
      await store.jobs.setPaused({ id, paused: true, settle: settleFires }, of('pause'));
      const { run: made } = await store.runs.create(id, run, of('trigger'));
      // Nothing is done by asking for the same again.
      await store.runs.create(id, run, of('trigger again'));
      await expect(store.runs.requestCancel(made.id, fails)).rejects.toThrow('no act');
      expect(await store.runs.read(made.id)).toMatchObject({ state: 'queued', cancelRequested: false });
      await store.runs.requestCancel(made.id, of('cancel'));
      await store.runs.requestCancel(made.id, of('cancel again'));
      const again = { id: made.id, version: 'newest', mode: null } as const;
      await expect(store.runs.retry(again, fails)).rejects.toThrow('no act');
      const { run: next } = await store.runs.retry(again, of('retry'));
      await store.runs.retry(again, of('retry again'));
      await store.runs.requestCancel(next.id);
      await store.jobs.beginRemoval({ id, version: 2 });
      await expect(store.jobs.remove(id, fails)).rejects.toThrow('no act');
      expect((await store.jobs.listRemovals(Number.MAX_SAFE_INTEGER)).map(({ decided }) => decided)).toEqual([
        false,
      ]);
      await store.jobs.remove(id, () => of('delete')({ id }));
      const said = (await actions()).slice(0, -before.length || undefined).reverse();
      expect(said).toEqual(['create', 'update', 'pause', 'trigger', 'cancel', 'retry', 'delete']);
    });
  });
}
