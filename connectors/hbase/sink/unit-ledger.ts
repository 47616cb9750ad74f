// What one unit sees of the ledger: the cells that it asks for and no others, so that its cost does not grow with the run's splits nor
// with the runs before it. All are of one version; whoever asks for more after somebody else changed the row begins again.
import { stateOf, toCells } from './ledger-row.ts';
import type { HBaseLedger, LedgerRow, LedgerState } from './ledger-row.ts';

/** Somebody else changed the ledger between two looks of a unit. */
export class Overtaken extends Error {}

export class UnitLedger {
  /** A copy of what was read so far, to be changed. The same object throughout. */
  readonly draft: HBaseLedger = stateOf(new Map()).ledger;
  readonly #row: LedgerRow;
  readonly #expected: readonly string[];
  readonly #needed = new Set<string>();
  readonly #asked = new Set<string>();
  #read: LedgerState | null = null;
  #isWhole = false;

  /** `expected`: cells that come with the first look, since units of a writer are much alike. */
  constructor(row: LedgerRow, expected: readonly string[]) {
    this.#row = row;
    this.#expected = expected;
  }

  /** What was read so far, as it stands in the target. */
  get read(): LedgerState {
    return this.#read ?? stateOf(new Map());
  }

  /** Names of the cells that were needed one by one. */
  get needed(): readonly string[] {
    return [...this.#needed];
  }

  /** Cells of a run are asked for together with its head. Throws Overtaken. */
  async need(names: readonly string[]): Promise<void> {
    for (const name of names) this.#needed.add(name);
    const wanted = this.#read === null ? [...names, ...this.#expected] : names;
    const missing = wanted.filter((name) => !this.#asked.has(name));
    if (this.#isWhole || (this.#read !== null && missing.length === 0)) return;
    for (const name of missing) this.#asked.add(name);
    this.#take(await this.#row.read(missing));
  }

  /** Throws Overtaken. */
  async needAll(): Promise<void> {
    if (this.#isWhole) return;
    this.#isWhole = true;
    this.#take((await this.#row.load()).cells);
  }

  #take(found: ReadonlyMap<string, string>): void {
    const before = this.#read;
    const after = stateOf(new Map([...found, ...(before?.cells ?? [])]));
    if (before !== null && stateOf(found).version !== before.version) throw new Overtaken();
    this.#read = after;
    const merged = new Map(after.cells);
    if (before !== null) {
      // What the unit changed so far stays changed.
      const drafted = toCells(this.draft, before.version);
      for (const name of before.cells.keys()) merged.delete(name);
      for (const [name, value] of drafted) merged.set(name, value);
    }
    Object.assign(this.draft, stateOf(merged).ledger);
  }
}
