// A service that does one thing again and again, with a pause that the thing itself names.
import { abortReason, type Clock } from '../src/core/clock.ts';
import type { Emit } from '../src/core/events.ts';
import type { Service } from '../src/core/service.ts';

export interface Loop {
  readonly name: string;
  /** Told with service.started. */
  readonly detail: string;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Resolves with the pause until the next call, ms. What it throws is an event; it is called again. */
  readonly runOnce: () => Promise<number>;
}

const pauseAfterFailureMs = 1_000;

export function createLoopService(loop: Loop): Service {
  const { name, detail, emit } = loop;
  const stopping = new AbortController();
  let done: Promise<void> | null = null;
  return {
    name,
    start: () => {
      done ??= repeat(loop, stopping.signal);
      emit({ type: 'service.started', service: name, detail });
      return Promise.resolve();
    },
    stop: async () => {
      if (stopping.signal.aborted) return done ?? undefined;
      stopping.abort();
      if (done === null) return;
      await done;
      emit({ type: 'service.stopped', service: name });
    },
  };
}

/** Says a failure once until the next success: a database that is down for an hour is one event, not 3,600. */
async function repeat({ name, clock, emit, runOnce }: Loop, signal: AbortSignal): Promise<void> {
  let failing = false;
  while (!signal.aborted) {
    let pauseMs = pauseAfterFailureMs;
    try {
      pauseMs = await runOnce();
      failing = false;
    } catch (error) {
      if (!failing) emit({ type: 'service.failed', service: name, error });
      failing = true;
    }
    await clock.sleep(pauseMs, signal).catch((error: unknown) => {
      if (error !== abortReason(signal)) throw error;
    });
  }
}
