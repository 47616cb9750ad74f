// All rows of a key range, whole and in order, whatever happens to regions and servers meanwhile.
//   position ─locate─► region holds position? ─open─► rows … ─region done─► position = region's end key ─► … ─► end of range
//        ▲                                              │ any failure
//        └── position = last complete row + 0x00 ◄──────┘ (held piece of a row dropped, pause, locate again)
// Backwards the position is what all rows still to come lie before (scan-direction.ts).
// The next response is asked for as soon as one has come, before its rows are looked at; never more than one ahead.
import { untilAborted } from '../../../../src/core/waiting/until-aborted.ts';
import { budgetFor } from '../call-context.ts';
import type { CallContext, CallOptions } from '../call-context.ts';
import type { KeyRange } from '../key-range.ts';
import type { ReadType, Scan } from '../messages/scan-request.ts';
import type { CellSelection } from '../messages/selection.ts';
import { RegionScanner } from './region-scanner.ts';
import type { RegionRows } from './region-scanner.ts';
import type { RetryBudget } from '../retry-budget.ts';
import { RowAssembler } from './row-assembler.ts';
import { backwards, forwards } from './scan-direction.ts';
import type { Direction } from './scan-direction.ts';
import type { RowBlock } from './row-assembler.ts';

export interface ScanOptions extends CellSelection, CallOptions {
  readonly table: string;
  readonly range: KeyRange;
  /** `stream` (default) for long ranges, `pread` for a few rows. */
  readonly readType?: ReadType;
  /** Default false: a full read must not throw the cluster's working set out of its cache. */
  readonly cacheBlocks?: boolean;
  /** Heap bytes per response on the server; default 4 MiB, about 2.6 MB on the wire. */
  readonly maxResultBytes?: number;
  /** Default: as many as fit maxResultBytes. */
  readonly rowsPerResponse?: number;
  /** Deletes come as cells of marker types; `families` may then name no qualifiers. */
  readonly raw?: boolean;
  /** The rows of the range, last first. Needs HBase 1.4 or newer. */
  readonly reversed?: boolean;
  /** Stop after so many rows. */
  readonly limitRows?: number;
  /** Fill `metrics`. */
  readonly trackMetrics?: boolean;
  /** A call without an answer for so long has failed; the server sends a sign of life at half of it. Default 20 s. */
  readonly callTimeoutMs?: number;
}

/** Rows of one response. Buffer and offsets are good until the next step of the iteration, then they are reused. */
export type ScanBatch = RowBlock;

const defaultMaxResultBytes = 4 * 1024 * 1024;
const manyRows = 0x7fffffff;
const defaultCallTimeoutMs = 20_000;

export class TableScanner implements AsyncIterable<ScanBatch> {
  /** Sums over finished regions; exact where filters keep back all rows, else a repeat after a failure counts twice. */
  readonly metrics = new Map<string, bigint>();
  /** Complete rows handed out. */
  rows = 0;
  /** Scanners opened after a failure. */
  reopened = 0;
  readonly #context: CallContext;
  readonly #options: ScanOptions;
  readonly #budget: RetryBudget;
  readonly #assembler: RowAssembler;
  readonly #direction: Direction;
  #position: Buffer;
  #regionMetrics = new Map<string, bigint>();
  #region: RegionScanner | undefined;
  #pending: Promise<RegionRows> | undefined;
  #ended = false;

  constructor(context: CallContext, options: ScanOptions) {
    this.#context = context;
    this.#options = options;
    this.#direction = options.reversed === true ? backwards : forwards;
    this.#assembler = new RowAssembler(options.reversed === true ? 'descending' : 'ascending');
    this.#position = this.#direction.begin(options.range);
    this.#budget = budgetFor(context, options, `scanning ${options.table}`);
  }

  /** Iterate once. @throws HBaseError when no retry helps or the budget is spent; the abort reason */
  async *[Symbol.asyncIterator](): AsyncGenerator<ScanBatch, void, undefined> {
    try {
      while (!this.#ended) {
        const received = await this.#receive();
        if (received === undefined) continue;
        const batch = this.#take(received);
        if (batch !== undefined) yield batch;
        received.response.release();
      }
    } finally {
      this.#leave();
    }
  }

  /** The next response; undefined after a failure from which the scan recovered. */
  async #receive(): Promise<RegionRows | undefined> {
    const pending = this.#pending ?? this.#fetch();
    this.#pending = pending;
    try {
      const received = await untilAborted(this.#options.signal, pending);
      this.#pending = undefined;
      return received;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      this.#pending = undefined;
      await this.#recover(error);
      return undefined;
    }
  }

  /** Decides what comes next and asks for it, then puts the rows together. */
  #take({ response, answer, layout, regionDone }: RegionRows): ScanBatch | undefined {
    this.#addMetrics(answer.metrics);
    if (regionDone) this.#finishRegion();
    if (layout.count > 0 || regionDone) this.#budget.progress();
    else this.#budget.alive();
    const { limitRows } = this.#options;
    if (limitRows === undefined && !this.#ended) this.#prefetch();
    const batch = this.#assembler.accept(response, layout, regionDone);
    if (batch === undefined) return undefined;
    const rowCount =
      limitRows === undefined ? batch.rowCount : Math.min(batch.rowCount, limitRows - this.rows);
    this.rows += rowCount;
    if (this.rows === limitRows) this.#ended = true;
    return { ...batch, rowCount };
  }

  #prefetch(): void {
    this.#pending = this.#fetch();
    // Looked at when the consumer comes for it; until then a failure must not count as unhandled.
    this.#pending.catch(noop);
  }

  async #fetch(): Promise<RegionRows> {
    this.#region ??= await this.#openRegion();
    const { limitRows } = this.#options;
    return this.#region.fetch(limitRows === undefined ? undefined : limitRows - this.rows);
  }

  async #openRegion(): Promise<RegionScanner> {
    const { connections, clock, locator } = this.#context;
    const { table, signal, rowsPerResponse = manyRows, callTimeoutMs = defaultCallTimeoutMs } = this.#options;
    const location = await locator[this.#direction.locate](table, this.#position, this.#budget, signal);
    const trackMetrics = this.#options.trackMetrics === true;
    return new RegionScanner({
      connections,
      clock,
      location,
      scan: this.#scan(),
      rowsPerResponse,
      trackMetrics,
      callTimeoutMs,
    });
  }

  #scan(): Scan {
    const {
      readType = 'stream',
      cacheBlocks = false,
      maxResultBytes = defaultMaxResultBytes,
    } = this.#options;
    const bounds = this.#direction.bounds(this.#position, this.#options.range);
    return { ...this.#options, ...bounds, readType, cacheBlocks, maxResultBytes };
  }

  /** The region is read to its end: the scan goes on behind it, or is over. */
  #finishRegion(): void {
    for (const [name, value] of this.#regionMetrics)
      this.metrics.set(name, (this.metrics.get(name) ?? 0n) + value);
    this.#regionMetrics.clear();
    const info = this.#region?.location.info;
    const next = info && this.#direction.leave(info, this.#options.range);
    this.#region = undefined;
    if (next === undefined) this.#ended = true;
    else this.#position = next;
  }

  async #recover(cause: unknown): Promise<void> {
    const failed = this.#region;
    this.#region = undefined;
    this.#assembler.dropHeld();
    this.#regionMetrics.clear();
    const { lastRow } = this.#assembler;
    if (lastRow !== undefined) this.#position = this.#direction.resume(lastRow, this.#position);
    const error = await this.#budget.failed(cause);
    this.reopened++;
    if (failed === undefined) return;
    this.#context.locator.forget(failed.location, error);
    if (error.recovery !== 'drop-server') void failed.close();
  }

  #addMetrics(metrics: ReadonlyMap<string, bigint> | undefined): void {
    for (const [name, value] of metrics ?? []) {
      this.#regionMetrics.set(name, (this.#regionMetrics.get(name) ?? 0n) + value);
    }
  }

  /** The consumer is done or gone: the answer on its way is thrown away, then the scanner is closed. */
  #leave(): void {
    this.#ended = true;
    const region = this.#region;
    this.#region = undefined;
    this.#pending?.then((rows) => rows.response.release(), noop);
    void region?.close();
  }
}

function noop(): void {
  // Nobody waits for it any more.
}
