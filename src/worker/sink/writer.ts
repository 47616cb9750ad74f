// The writing side of a sink task: inboxes → target, one such loop per connection to it.
//
//   waiting ─a unit is ready─► target table looked at (once per run) ─► writing (write-unit.ts) ─► waiting
import type { SinkStore } from '../../core/connector/sink-store.ts';
import type { TargetTable } from './apply-unit.ts';
import { LINGER_MS } from './inboxes.ts';
import type { SinkRun } from './sink-run.ts';
import { writeUnit } from './write-unit.ts';

/** Without a plan there are no rows. */
const noTable: TargetTable = { doubts: [], place: { key: [], fields: 0 }, replaceable: false };

export interface Writer {
  readonly store: SinkStore;
  /** What its own look at the target table told; null: it is the first, whose look is the plan's. */
  readonly table: TargetTable | null;
}

/** Until the run is complete or the signal aborts. Throws what writeUnit throws. */
export async function writeAll(run: SinkRun, writer: Writer, signal: AbortSignal): Promise<void> {
  const { clock } = run.context;
  while (!signal.aborted && !run.state.complete) {
    // A unit that lingers becomes ready by time alone, so nobody waits longer than that.
    if (!(await writeOnce(run, writer, signal))) await run.news.wait(LINGER_MS, clock, signal);
  }
}

/** A further writer, opened once there is work for two at a time: most runs are over without it. Throws as writeAll, and what `open` throws. */
export async function writeBeside(
  run: SinkRun,
  open: () => Promise<Writer>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && !run.state.complete) {
    // Not before the first has looked at the table: it makes what is missing, and not every target lets two make it at once.
    if (run.plan.prepared !== null && run.inboxes.isCrowded()) return writeAll(run, await open(), signal);
    await run.news.wait(LINGER_MS, run.context.clock, signal);
  }
}

/** Writes the next unit; false: none is ready. */
async function writeOnce(run: SinkRun, { store, table: own }: Writer, signal: AbortSignal): Promise<boolean> {
  const { inboxes, context, plan, target, state, retryMs, news } = run;
  const { clock } = context;
  const unit = inboxes.take(clock.monotonic());
  if (unit === null) return false;
  try {
    const first = (await plan.ready()) ?? noTable;
    // A later look than that before the first row meets the run's own rows: what is in doubt stands since then.
    const table = own === null ? first : { ...own, doubts: first.doubts };
    await writeUnit({ store, target, state, unit, plan: plan.plan, table, clock, retryMs, signal });
  } finally {
    inboxes.release(unit);
    news.wake();
  }
  return true;
}
