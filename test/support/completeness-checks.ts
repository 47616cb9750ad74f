// What the completeness simulation holds a target against: whatever happens, no row goes back and the watermark is a chain; a complete
// run has the changes of its window in the target; and a proved one has made the target equal to the source.
import type { Position } from '../../src/core/position.ts';
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import type { TargetState } from '../fakes/memory-target.ts';
import type { ChangingTable, Version } from './changing-table.ts';
import { readSimulatedRow } from './world-records.ts';
import type { SimulatedRow } from './world-records.ts';

export interface CheckedRun {
  readonly plan: string;
  readonly mapping: number;
  readonly follows: boolean;
}

export class CompletenessChecks {
  readonly violations: string[] = [];
  completeRuns = 0;
  provedRuns = 0;
  readonly #table: ChangingTable;
  readonly #keyed: boolean;
  #movesSeen = 0;
  /** The version each row of the target had last. */
  readonly #written = new Map<number, number>();

  constructor(table: ChangingTable, keyed: boolean) {
    this.#table = table;
    this.#keyed = keyed;
  }

  /** Each watermark move is looked at once, at its moment. */
  check(state: TargetState, current: CheckedRun | null): void {
    const rows = [...state.rows.values()].map(readSimulatedRow);
    if (this.#keyed) this.#checkOrder(rows);
    const { moves } = state;
    for (; this.#movesSeen < moves.length; this.#movesSeen += 1) {
      const move = moves[this.#movesSeen];
      const run = [...state.runs.values()].findLast((each) => each.state === 'complete');
      if (move === undefined || run === undefined || current === null) return;
      this.completeRuns += 1;
      this.#checkChain(move, moves[this.#movesSeen - 1]?.to ?? null);
      this.#checkCounts(state, run);
      if (run.doubts.length > 0) continue;
      this.provedRuns += 1;
      this.#checkProved(rows, Number(move.to ?? 0), current);
    }
  }

  #checkOrder(rows: readonly SimulatedRow[]): void {
    for (const { key, version } of rows) {
      const before = this.#written.get(key) ?? 0;
      if (version < before) this.violations.push(`row ${key}: version ${version} over ${before}`);
      this.#written.set(key, version);
    }
  }

  #checkChain(move: { from: Position | null; to: Position | null }, before: Position | null): void {
    if (move.from !== before) this.violations.push(`watermark from ${move.from} but it was ${before}`);
    if (Number(move.to) < Number(before)) this.violations.push(`watermark back from ${before} to ${move.to}`);
  }

  /** Each row has one cell that was sent as NULL. */
  #checkCounts({ splits }: TargetState, { job, epoch }: LedgerRun): void {
    for (const [id, { written, dirty, nulled }] of splits)
      if (id.startsWith(`${job}/${epoch}/`) && nulled !== written + dirty)
        this.violations.push(`split ${id}: ${nulled} cells of NULL in ${written} rows`);
  }

  #checkProved(rows: readonly SimulatedRow[], to: number, current: CheckedRun): void {
    if (!this.#keyed) {
      const sent = rows.filter(({ plan }) => plan === current.plan).map(({ key }) => key);
      if (new Set(sent).size < sent.length) this.violations.push(`rows of ${current.plan} are there twice`);
      return;
    }
    const there = new Map(rows.map((row) => [row.key, row]));
    for (const key of this.#table.keys()) this.#checkRow({ key, to, current }, there.get(key));
    for (const { key, mapping } of rows)
      if (mapping !== current.mapping)
        this.violations.push(`row ${key}: columns of mapping ${mapping}, not ${current.mapping}`);
  }

  /** The row is as it was at the window's end or later. */
  #checkRow(
    { key, to, current }: { key: number; to: number; current: CheckedRun },
    row: SimulatedRow | undefined,
  ): void {
    const versions = this.#table.versions(key);
    const due = versions.findLastIndex((each) => each.wroteAt < to);
    const from = versions.slice(Math.max(0, due));
    const fits = (each: Version): boolean =>
      each.gone ? row === undefined : each.version === row?.version && each.unique === row.unique;
    // Where deletes are not followed, a row that is gone may stay.
    if (from.some(fits) || (due < 0 && row === undefined)) return;
    if (!current.follows && from.some(({ gone }) => gone)) return;
    const is = row === undefined ? 'no row' : `version ${row.version} (${row.unique})`;
    const said = from[0]?.gone === true ? 'none' : `version ${from[0]?.version} (${from[0]?.unique})`;
    this.violations.push(`row ${key}: ${said} is due, the target has ${is}`);
  }
}
