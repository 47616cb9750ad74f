// The fetching side of a sink task: log → inboxes, as far as the writers keep up.
import type { LogReader } from '../../core/ports/record-log.ts';
import { LINGER_MS } from './inboxes.ts';
import { progressOf } from './sink-run.ts';
import type { SinkRun } from './sink-run.ts';

/** Until the run is complete or the signal aborts. Throws what the log throws. */
export async function fetchAll(run: SinkRun, reader: LogReader, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !run.state.complete) await fetchOnce(run, reader);
}

export async function fetchOnce(run: SinkRun, reader: LogReader): Promise<void> {
  const { inboxes, context, speaker, news } = run;
  reader.setPaused(inboxes.full());
  for (const fetched of await reader.poll(LINGER_MS)) inboxes.accept(fetched, context.clock.monotonic());
  news.wake();
  speaker.processing(() => progressOf(run));
}
