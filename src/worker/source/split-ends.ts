// How splits end: one after another, so that the run's last record is the one with isEnd.
//
//   all rows acknowledged ─ END acknowledged ─► noted as ended
//   without control records (end.marker=record), where a split's last row is held back until it is known whether it is the run's last:
//   all others acknowledged ─ has it a row? ─no─► noted · ─yes─► held ─ the next row to hold, or the run's end ─► sent ─► noted
import type { SplitAttempt } from './split-attempt.ts';
import { progressOf } from './source-run.ts';
import type { SourceRun } from './source-run.ts';

interface Ending {
  readonly attempt: SplitAttempt;
  readonly split: number;
}

export class SplitEnds {
  readonly #run: SourceRun;
  /** Whether this task read every split: only then the source can say something of the read as a whole. */
  readonly #readsAll: boolean;
  #last: Promise<void> = Promise.resolve();
  #held: Ending | null = null;

  constructor(run: SourceRun) {
    this.#run = run;
    this.#readsAll = run.kept.ended.size === 0;
  }

  /** Resolves when the split is ended, or its last row held. The attempt's rows are all acknowledged. */
  async end(ending: Ending): Promise<void> {
    const mine = this.#last.then(() => this.#endOne(ending));
    // A failure is this split's; who comes after meets the log's own.
    this.#last = mine.catch(() => undefined);
    await mine;
  }

  async #endOne(ending: Ending): Promise<void> {
    const { kept, run, speaker, task, counters, closing } = this.#run;
    const over = kept.ended.size + (this.#held === null ? 0 : 1) + 1;
    const isLast = over === kept.plan.splits.length;
    if (isLast) {
      // Before the sink can complete the run: then nobody waits for this side's end any more.
      if (this.#readsAll) closing.push(...(task.closingNotes?.(counters.read) ?? []));
      speaker.allRead(progressOf(this.#run));
    }
    if (run.endMarker === 'control') {
      await ending.attempt.end(isLast);
      await this.#note(ending);
      return;
    }
    if (ending.attempt.holdsRow) {
      await this.#release(false);
      this.#held = ending;
    } else {
      await this.#note(ending);
    }
    if (isLast) await this.#release(true);
  }

  async #release(isEnd: boolean): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    await held.attempt.sendHeld(isEnd);
    await this.#note(held);
  }

  async #note({ attempt, split }: Ending): Promise<void> {
    const { read, filteredRows: filtered, emitted, nulledCells: nulled } = attempt;
    await this.#run.kept.noteEnded({ split, read, filtered, emitted, nulled });
  }
}
