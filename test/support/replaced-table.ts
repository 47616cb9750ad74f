// A table that a run with write.mode=0 replaces: done, or refused in words before anything is made.
import { expect } from 'vitest';
import { noSignal, pairs, type SinkBed } from '../conformance/sink-bed.ts';
import { openAsideRun } from './aside-run.ts';
import { failureOf } from './sync-failure.ts';

export async function replace(bed: SinkBed, table: string, taskId: string): Promise<void> {
  const config = bed.configOf(table, { 'write.mode': '0' });
  const run = await openAsideRun({ plugin: bed.plugin, config, job: `job of ${table}`, taskId });
  try {
    await run.load([['a', taskId]]);
    await run.end();
  } finally {
    await run.close();
  }
}

/** By a run, and by the check in its step for the swap. */
export async function expectRefused(
  bed: SinkBed,
  table: string,
  why: RegExp,
  code = 'TARGET_SCHEMA',
): Promise<void> {
  const before = await bed.footprint();
  const config = bed.configOf(table, { 'write.mode': '0' });
  const steps = await bed.plugin.testConnection(config, noSignal, pairs);
  const step = steps.find(({ name }) => name === 'swap');
  expect([table, step?.ok, step?.code]).toEqual([table, false, code]);
  expect(step?.detail).toMatch(why);
  expect(await bed.footprint()).toEqual(before);
  const error = await failureOf(replace(bed, table, 'refused'));
  expect([table, error.code]).toEqual([table, code]);
  expect(error.message).toMatch(why);
}
