// What every RunStore must do with the leases of runs.
import { expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { RunStore } from '../../src/core/ports/runs.ts';
import type { Run } from '../../src/core/run.ts';
import { waitUntil } from '../support/wait-until.ts';

interface Desk {
  readonly runs: RunStore;
  readonly newJob: () => Promise<string>;
  readonly create: (jobId: string, plannedAt: number) => Promise<Run>;
  /** A run that owner `a` has. */
  readonly going: (jobId: string) => Promise<Run>;
}

const leaseMs = 60_000;
const failure = shapeOf('INCOMPLETE', 'split 2');

export function describeLeases(open: () => Desk): void {
  it('gives a run up at once for its owner, and for nobody else', async () => {
    const { runs, newJob, going } = open();
    const { id } = await going(await newJob());
    const isExpired = async (): Promise<boolean> =>
      (await runs.listExpired(100)).some((run) => run.id === id);
    await runs.release({ id, owner: 'b' });
    expect(await isExpired()).toBe(false);
    await runs.release({ id, owner: 'a' });
    expect(await isExpired()).toBe(true);
    expect(await runs.takeOver({ id, owner: 'b', leaseMs })).toMatchObject({ owner: 'b' });
  });

  it('finds leases that ran out, and lets one take each over', async () => {
    const { runs, newJob, create, going } = open();
    const held = await going(await newJob());
    const { id } = await create(await newJob(), 1);
    await runs.claim({ id, owner: 'dead', leaseMs: 1 });
    const expired = async (): Promise<string[]> => (await runs.listExpired(100)).map((run) => run.id);
    await waitUntil('the lease runs out', async () => (await expired()).includes(id));
    expect(await expired()).not.toContain(held.id);
    expect(await runs.takeOver({ id: held.id, owner: 'b', leaseMs })).toBeNull();
    const takers = await Promise.all(
      Array.from({ length: 4 }, (_, n) => runs.takeOver({ id, owner: `taker ${n}`, leaseMs })),
    );
    const [taken, ...others] = takers.filter((run) => run !== null);
    expect(others).toEqual([]);
    expect(taken).toMatchObject({ id, state: 'starting' });
    expect(await expired()).not.toContain(id);
    expect((await runs.renew({ id, owner: 'dead', leaseMs })).held).toBe(false);
    expect(await runs.finish({ id, owner: 'dead', state: 'succeeded', reason: null, report: null })).toBe(
      false,
    );
    const owner = taken?.owner ?? '';
    expect(await runs.finish({ id, owner, state: 'lost', reason: failure, report: null })).toBe(true);
  });

  it('lets anybody end a run whose lease ran out', async () => {
    const { runs, newJob, create } = open();
    const { id } = await create(await newJob(), 1);
    await runs.claim({ id, owner: 'dead', leaseMs: 1 });
    const end = { id, owner: null, state: 'lost', reason: failure, report: null } as const;
    await waitUntil('the lease runs out', () => runs.finish(end));
    expect(await runs.read(id)).toMatchObject({ state: 'lost' });
  });
}
