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
  readonly plannedAt: number;
  readonly from: number | null;
  readonly mapping: number;
  readonly follows: boolean;
  readonly keyShift: number;
  readonly comparesKeys: boolean;
}

export class CompletenessChecks {
  readonly violations: string[] = [];
  completeRuns = 0;
  provedRuns = 0;
  readonly #table: ChangingTable;
  readonly #keyed: boolean;
  readonly #lag: number;
  #movesSeen = 0;
  #seen: TargetState | null = null;
  /** Where the watermark was put by hand. */
  #reset: { readonly to: Position | null } | null = null;
  /** What was looked for when somebody emptied the target in the middle of a run; a full run planned since brings all rows back. */
  #emptied: { readonly at: number; readonly keys: readonly number[] }[] = [];
  /** The same of rows that somebody put back, with the versions that they had in the copy. */
  #restored: { readonly at: number; readonly rows: readonly SimulatedRow[] }[] = [];
  /** The version each row of the target had last. */
  readonly #written = new Map<number, number>();

  constructor(table: ChangingTable, { keyed, lag }: { readonly keyed: boolean; readonly lag: number }) {
    this.#table = table;
    this.#keyed = keyed;
    this.#lag = lag;
  }

  /** Somebody empties the target in the middle of a run: `keys` are those of the rows that the job looks for. */
  emptied(at: number, keys: readonly number[]): void {
    this.#emptied.push({ at, keys });
  }

  /** Somebody puts older copies of rows back; `looked`: rows whose values the job knows. */
  restored(at: number, rows: readonly SimulatedRow[], looked: ReadonlySet<number>): void {
    for (const { key, version } of rows) this.#written.set(key, version);
    this.#restored.push({ at, rows: rows.filter(({ key }) => looked.has(key)) });
  }

  resetTo(to: Position | null): void {
    this.#reset = { to };
  }

  /** Each watermark move is looked at once, at its moment. */
  check(state: TargetState, current: CheckedRun | null): void {
    // A transaction that commits makes a new state.
    if (state === this.#seen) return;
    this.#seen = state;
    const rows = [...state.rows.values()].map(readSimulatedRow);
    if (this.#keyed) this.#checkOrder(rows);
    const { moves } = state;
    for (; this.#movesSeen < moves.length; this.#movesSeen += 1) {
      const move = moves[this.#movesSeen];
      const run = [...state.runs.values()].findLast((each) => each.state === 'complete');
      if (move === undefined || run === undefined || current === null) return;
      this.completeRuns += 1;
      const reset = this.#reset;
      this.#reset = null;
      this.#checkChain(move, reset === null ? (moves[this.#movesSeen - 1]?.to ?? null) : reset.to, current);
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

  #checkChain(
    move: { from: Position | null; to: Position | null },
    before: Position | null,
    current: CheckedRun,
  ): void {
    if (move.from !== before) this.violations.push(`watermark from ${move.from} but it was ${before}`);
    // Only a full run goes back, and only behind a watermark that somebody put where no run would have: within the lag of the clock.
    const byHand = current.from === null && Number(before) > current.plannedAt - this.#lag;
    if (!byHand && Number(move.to) < Number(before))
      this.violations.push(`watermark back from ${before} to ${move.to}`);
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
    if (current.from === null) {
      this.#emptied = this.#emptied.filter(({ at }) => at > current.plannedAt);
      this.#restored = this.#restored.filter(({ at }) => at > current.plannedAt);
    }
    const there = new Map(rows.map((row) => [row.key, row]));
    // Samples are what tells: all of them were written again, or are gone by the job's own doing.
    const isWhole = (key: number): boolean =>
      there.has(key) || this.#table.versions(key - current.keyShift).some(({ gone }) => gone);
    if (this.#emptied.some(({ keys }) => keys.every(isWhole))) return;
    const isAnew = ({ key, version, mapping }: SimulatedRow): boolean => {
      const row = there.get(key);
      return row === undefined || row.version !== version || row.mapping !== mapping;
    };
    if (this.#restored.some(({ rows: those }) => those.every(isAnew))) return;
    for (const key of this.#table.keys())
      this.#checkRow({ key, to, current }, there.get(key + current.keyShift));
    this.#checkNoOthers(rows, current);
  }

  /** Rows under other keys, or that the source never had. */
  #checkNoOthers(rows: readonly SimulatedRow[], { keyShift, follows }: CheckedRun): void {
    if (!follows) return;
    const known = new Set(this.#table.keys().map((key) => key + keyShift));
    for (const { key } of rows)
      if (!known.has(key)) this.violations.push(`row ${key}: the source has none of that key`);
  }

  /** The row is as it was at the window's end or later, in the columns of the mapping. */
  #checkRow(
    { key, to, current }: { key: number; to: number; current: CheckedRun },
    row: SimulatedRow | undefined,
  ): void {
    const versions = this.#table.versions(key);
    const due = versions.findLastIndex((version) => isDue(version, to, current));
    const from = versions.slice(Math.max(0, due));
    const fits = (each: Version): boolean =>
      each.gone
        ? row === undefined
        : each.version === row?.version && each.unique === row.unique && current.mapping === row.mapping;
    if (from.some(fits) || (due < 0 && row === undefined)) return;
    // Where deletes are not followed, a row that is gone may stay as it was.
    if (row !== undefined && !current.follows && from.some(({ gone }) => gone)) return;
    // A comparison of keys sees a row that went and came again as one that stayed: the next window brings its values.
    const went = from.findIndex(({ gone }) => gone);
    const cameAgain = went >= 0 && from.slice(went).some(({ gone }) => !gone);
    if (row !== undefined && current.comparesKeys && cameAgain) return;
    const is =
      row === undefined ? 'no row' : `version ${row.version} (${row.unique}, mapping ${row.mapping})`;
    const said = from[0]?.gone === true ? 'none' : `version ${from[0]?.version} (${from[0]?.unique})`;
    this.violations.push(`row ${key}: ${said} is due, the target has ${is}`);
  }
}

/**
 * Before the window's end, as the row was written and stamped. Stamped ahead, the clock had passed it when the run was planned: to an
 * increment it is a change after its window, which the next one brings.
 */
function isDue({ wroteAt, at }: Version, to: number, { from, plannedAt }: CheckedRun): boolean {
  return wroteAt < to && (from === null || at < to || at > plannedAt);
}
