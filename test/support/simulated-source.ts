// The source tasks of the completeness simulation: a plan, and actors that read its splits, fail and come back. Deletes are followed
// from exactly where the ledger asked for it, not a moment earlier.
import { doubtIncrements } from '../../connectors/hbase/source/odd-timestamps.ts';
import { newCounters, SplitAttempt } from '../../src/worker/source/split-attempt.ts';
import { createBufferPool } from '../../src/core/record/buffer-pool.ts';
import type { Text } from '../../src/core/text.ts';
import type { BrokenRule } from './broken-rules.ts';
import type { ChangingTable } from './changing-table.ts';
import type { SimulatedLog } from './simulated-log.ts';
import { simulatedSchema } from './world-records.ts';

export const TOPIC = 'topic';
export const PARTITIONS = 2;

export interface Plan {
  readonly id: string;
  readonly plannedAt: number;
  readonly from: number | null;
  readonly to: number;
  readonly splits: number;
  readonly mapping: number;
  /** Added to each key: another mapping of keys makes other rows. */
  readonly keyShift: number;
  /** All keys of the source are sent, to be compared with the target's. */
  readonly comparesKeys: boolean;
  /** Deletes since then are sent; null: none. */
  readonly followsFrom: number | null;
  readonly doubts: readonly Text[];
  readonly ended: Set<number>;
}

export interface SourceActor {
  readonly taskId: string;
  readonly plan: Plan;
  reading: { split: number; keys: number[]; attempt: SplitAttempt } | null;
}

/** What is in doubt of an increment over a table with so many rows whose cells bear times that no server gave them. */
export function doubtOdd({
  ahead,
  behind,
}: {
  readonly ahead: number;
  readonly behind: number;
}): readonly Text[] {
  const some = (rows: number) => ({ rows, example: 'cell' });
  return doubtIncrements({ ahead: some(ahead), behind: some(behind), complete: true });
}

export class SimulatedSource {
  readonly #table: ChangingTable;
  readonly #log: SimulatedLog;
  readonly #random: (below: number) => number;
  readonly #broken: BrokenRule | null;
  #attempts = 0;

  constructor(parts: {
    table: ChangingTable;
    log: SimulatedLog;
    random: (below: number) => number;
    broken: BrokenRule | null;
  }) {
    this.#table = parts.table;
    this.#log = parts.log;
    this.#random = parts.random;
    this.#broken = parts.broken;
  }

  async step(source: SourceActor, now: number): Promise<void> {
    try {
      await this.#read(source, now);
    } catch {
      // A send failed for good: this attempt gets no END; the split is read again from its start.
      source.reading = null;
    }
  }

  async #read(source: SourceActor, now: number): Promise<void> {
    const { splits } = source.plan;
    if (source.reading === null) {
      const open = Array.from({ length: splits }, (_, split) => split).filter(
        (split) => !source.plan.ended.has(split),
      );
      const split = open[this.#random(open.length)];
      if (split !== undefined) source.reading = await this.#beginSplit(source, split, now);
      return;
    }
    const { keys, attempt, split } = source.reading;
    const key = keys.shift();
    if (key !== undefined) {
      this.#emitRow(source.plan, attempt, { key, now });
      if (this.#random(3) === 0) await attempt.acknowledged();
      return;
    }
    if (source.plan.comparesKeys) this.#claimKeys(source.plan, attempt, now);
    await attempt.acknowledged();
    await attempt.end(source.plan.ended.size + 1 === splits);
    source.plan.ended.add(split);
    source.reading = null;
  }

  async #beginSplit(source: SourceActor, split: number, now: number): Promise<SourceActor['reading']> {
    const { plan, taskId } = source;
    this.#attempts += 1;
    const attempt = new SplitAttempt({
      producer: this.#log.producer(),
      topic: TOPIC,
      batchLimit: { bytes: 1_000_000, wayOut: '' },
      partition: split % PARTITIONS,
      taskId,
      predictedTotal: '7',
      begin: {
        plan: plan.id,
        from: plan.from === null ? null : String(plan.from),
        to: String(plan.to),
        splits: plan.splits,
        partitions: PARTITIONS,
        split,
        attempt: this.#broken === 'attempt' ? 'a' : `a${this.#attempts}`,
        format: 'row',
        schema: simulatedSchema,
        predictedTotal: '7',
        follows: plan.comparesKeys ? 'keys' : plan.followsFrom === null ? null : 'all',
        sourceMark: null,
        doubts: plan.doubts,
      },
      encoder: null,
      control: true,
      batchRows: 2,
      pool: createBufferPool({ minSize: 64, keep: 8 }),
      counters: newCounters(),
      now: () => now,
    });
    await attempt.begin();
    const keys = this.#keysOf(plan, now).filter((key) => key % plan.splits === split);
    return { split, keys, attempt };
  }

  #keysOf(plan: Plan, now: number): number[] {
    // A full read has no upper bound.
    const changed = this.#table.changed(plan.from === null ? { from: null, to: Infinity } : plan, now);
    const { followsFrom } = plan;
    if (followsFrom === null) return changed;
    // A row that is gone may be there again by now.
    const gone = this.#table.changed({ from: followsFrom, to: plan.to }, now, (row) => row.gone);
    return [...new Set([...changed, ...gone])];
  }

  /** The rows that are there, in the order of their keys' bytes; those that were there before the window's end must be in the target. */
  #claimKeys(plan: Plan, attempt: SplitAttempt, now: number): void {
    const names = this.#table.keys().flatMap((key) => {
      const row = this.#table.newest(key, now);
      if (row?.gone !== false) return [];
      const due = this.#table.versions(key).findLast(({ at }) => at < plan.to);
      const mustBe = due?.gone === false;
      return [mustBe ? `${key + plan.keyShift}\t1\n` : `${key + plan.keyShift}\n`];
    });
    names.sort();
    attempt.claimed({
      from: null,
      until: null,
      keys: { bytes: Buffer.from(names.join('')), rows: names.length },
    });
  }

  /** Whole rows are read unbounded: the newest visible version. */
  #emitRow(plan: Plan, attempt: SplitAttempt, { key, now }: { key: number; now: number }): void {
    const row = this.#table.newest(key, now);
    const name = String(key + plan.keyShift);
    if (row?.gone === false) {
      const value = [name, row.version, plan.mapping, row.unique, plan.id].join('\t');
      const bytes = Buffer.from(`${name}${value}`);
      attempt.row(bytes, name.length, bytes.length);
      attempt.nulled('v');
    } else if (plan.followsFrom !== null && row !== null && row.at >= plan.followsFrom) {
      const bytes = Buffer.from(`${name}${name}\t\\N\t\\N\t\\N\t\\N`);
      attempt.deleted(bytes, name.length, bytes.length);
    }
  }
}
