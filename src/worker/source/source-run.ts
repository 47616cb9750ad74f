// What the steps of a source task share once its plan is known.
import type { SourceTask } from '../../core/connector/contract.ts';
import type { BatchLimit } from '../../core/ports/record-log.ts';
import { noCounts } from '../../core/status.ts';
import type { Text } from '../../core/text.ts';
import type { SourceRunConfig } from '../run-config.ts';
import type { RunCounters } from './split-attempt.ts';
import type { Progress, StatusSpeaker } from '../status-speaker.ts';
import type { TaskContext } from '../lanes/task-context.ts';
import type { KeptPlan } from './kept-plan.ts';
import { newCounters } from './split-attempt.ts';

export interface SourceRun {
  readonly context: TaskContext;
  readonly run: SourceRunConfig;
  readonly speaker: StatusSpeaker;
  readonly topic: string;
  readonly batchLimit: BatchLimit;
  readonly task: SourceTask;
  readonly kept: KeptPlan;
  readonly counters: RunCounters;
  /** What the source says of the read as a whole; filled once all is read, and only by a task that read all of it. */
  readonly closing: Text[];
}

/** Rows of earlier tasks of the run count as if this one had read them. */
export function countersOf(kept: KeptPlan): RunCounters {
  const counters = newCounters();
  for (const { read, filtered, emitted, nulled } of kept.ended.values()) {
    counters.read += read;
    counters.filtered += filtered;
    counters.emitted += emitted;
    counters.nulled += nulled;
    counters.currentIndex += emitted;
  }
  return counters;
}

export function progressOf({ run, kept, counters, closing }: SourceRun): Progress {
  const { read, filtered, emitted, nulled, filteredBy, remarks } = counters;
  const { predicted, window, notes, splits } = kept.plan;
  return {
    epoch: run.epoch ?? 0,
    predicted,
    counts: { ...noCounts, read, filtered, emitted, nulled },
    notes: [
      ...notes,
      ...[...filteredBy.values()].map(({ said, times }) => ({
        en: `filtered (${said.en}): ${times}`,
        zh: `滤除（${said.zh}）：${times}`,
      })),
      ...[...remarks.values()].map(({ said, times }) => ({
        en: `${said.en}: ${times}`,
        zh: `${said.zh}：${times}`,
      })),
      ...closing,
    ],
    window,
    splits: { total: splits.length, ended: kept.ended.size },
  };
}
