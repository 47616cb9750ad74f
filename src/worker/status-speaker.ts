// Says start, processing and one end or error of one side of a run on `pkuse_status`.
import type { Clock } from '../core/clock.ts';
import { describeError, toShape } from '../core/errors.ts';
import type { Predicted, RunCounts, Stage, StatusDetail, StatusMessage } from '../core/status.ts';
import type { Text } from '../core/text.ts';
import type { Window } from '../core/window.ts';
import type { RunConfig } from './run-config.ts';

export interface Progress {
  readonly epoch: number;
  readonly predicted: Predicted;
  readonly counts: RunCounts;
  readonly window?: Window;
  readonly splits?: { readonly total: number; readonly ended: number };
  readonly notes?: readonly Text[];
}

export interface StatusSpeaker {
  start(progress: Progress, repeat: boolean): void;
  /** Says that the plan is being made: the contract has no word of its own for that. */
  planning(progress: Progress): void;
  /** Says `processing` at most once a second, an idle run by hand ever more seldom; only then it asks how far the task is. */
  processing(progress: () => Progress): void;
  /** Says `processing` with the numbers and notes that will not change any more. */
  allRead(progress: Progress): void;
  end(progress: Progress, total: number, repeat: boolean): void;
  error(progress: Progress, error: unknown): void;
}

const PROCESSING_EVERY_MS = 1_000;
const IDLE_EVERY_MS = 60_000;

export function createStatusSpeaker(options: {
  run: RunConfig;
  side: 'source' | 'sink';
  topic: () => string;
  clock: Clock;
  publish: (status: StatusMessage) => void;
}): StatusSpeaker {
  const { run, side, clock } = options;
  let lastProcessing = -Infinity;
  let lookedAt = -Infinity;
  let lastCounts = '';
  let idleMs = PROCESSING_EVERY_MS;
  let saidProcessing = false;

  const say = (stage: Stage, description: string, detail: Omit<StatusDetail, 'side' | 'job' | 'at'>): void =>
    options.publish({
      connectorName: run.speaker,
      taskId: run.taskId,
      dataTopicName: options.topic(),
      stage,
      description,
      syncline: { side, job: run.job, at: clock.now(), ...detail },
    });

  const sayProcessing = (progress: Progress): void => {
    lastProcessing = clock.monotonic();
    saidProcessing = true;
    const done = side === 'source' ? progress.counts.emitted : progress.counts.written;
    say('processing', `${done ?? 0} / ${describePredicted(progress.predicted)}`, {
      ...progress,
      repeat: false,
    });
  };

  return {
    start: (progress, repeat) => say('start', describePredicted(progress.predicted), { ...progress, repeat }),
    planning: (progress) => say('processing', 'planning', { ...progress, repeat: false }),
    processing: (progress) => {
      const now = clock.monotonic();
      if (now - lookedAt < PROCESSING_EVERY_MS) return;
      lookedAt = now;
      const said = progress();
      const counts = JSON.stringify(said.counts);
      const idle = counts === lastCounts;
      lastCounts = counts;
      // Nobody waits for the life signs of a run by hand: one that has nothing to do says so ever more seldom.
      if (!idle || run.epoch !== null) idleMs = PROCESSING_EVERY_MS;
      else if (now - lastProcessing < idleMs) return;
      else idleMs = Math.min(idleMs * 2, IDLE_EVERY_MS);
      sayProcessing(said);
    },
    allRead: sayProcessing,
    end: (progress, total, repeat) => {
      // The contract's cycle is start, processing, end: a run too short for a tick still says processing once.
      if (!saidProcessing && !repeat) sayProcessing(progress);
      say('end', String(total), { ...progress, repeat });
    },
    error: (progress, error) =>
      say('error', describeError(error), { ...progress, repeat: false, error: toShape(error) }),
  };
}

function describePredicted(predicted: Predicted): string {
  return predicted.rows === null ? 'unknown' : String(predicted.rows);
}
