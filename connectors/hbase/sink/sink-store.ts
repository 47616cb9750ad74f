// One writer of an HBase target. HBase has no transactions over rows, so rows and ledger can't be changed together; what stands in their
// place, and why a complete run is still a proof:
//
//   read ledger ─► work on a copy ─► claim: a timestamp T for this unit alone ─► put all rows at T ─► commit the copy
//        ▲                              │ the ledger changed (compare-and-set)                          │
//        └──────────────────────────────┴──────────────────────────────────────────────────────────────┘
//
// 1. Claim and commit are compare-and-sets of the ledger's one row. A unit is committed only if since its claim no newer run began and
//    nobody claimed at its partition again; and only after HBase has acknowledged every row of it. So what the ledger counts is written:
//    at least once.
// 2. T comes from the ledger's clock, max(T before + 1, now), and is handed out once. Who repeats a unit claims again and puts the same
//    cells at a later T. For a row key, of two units that wrote it the one later in the log, or of the newer run, has the later T: its
//    claim needed the commit of the earlier one, or the begin of the newer run, and any other claim at the earlier position was made
//    before that. Whatever is still on its way from a task that was frozen, replaced or fenced carries an older T than the committed
//    row, and HBase shows the newest cell whatever the order of arrival: no older value over a newer one.
// 3. The watermark moves in the commit of the last END, after all rows of all units.
// 4. Rows that are put and never committed (the task died between the two, and the run was aborted) are no somebody else's: the claim says
//    of the rows that the job remembers which of them the unit is about to write, so that nobody holds them to what they were.
// 5. A unit reads the cells of the ledger that it needs, all of one version, and changes no others (unit-ledger.ts). Both compare-and-sets
//    are on the version of the whole row, so what rules 1 to 3 rest on holds as if all of it had been read.
//
// What this does not give: a late put of a fenced task is kept by HBase as an older version (seen where VERSIONS > 1 are read); a row
// that a newer run no longer sends stays as the fenced task wrote it; a late put to a row or column that was deleted since comes to light
// when a major compaction has removed the delete before the put arrives; readers may see half of a unit, and a row between its
// put and its deletes of columns. Cells with timestamps ahead of our clock hide ours: those that are there when a run begins
// are found and said (sink-newer-cells.ts), those that somebody else writes meanwhile are theirs. With timestamps from a field
// or the records (hbase.timestamp.field, hbase.timestamp.record) rule 2 does not hold between versions of the same timestamp: such runs are delivered, not proved.
import { systemClock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import type { RowBatch, SinkStore, SinkTransaction } from '../../../src/core/connector/sink-store.ts';
import { jobWhileSent } from '../../../src/core/ledger/document.ts';
import type { Text } from '../../../src/core/text.ts';
import { openDirtyRows } from './dirty-rows.ts';
import type { DirtyRows } from './dirty-rows.ts';
import { cellOf, nextTimestamp, openLedgerRow } from './ledger-row.ts';
import type { HBaseLedger, LedgerRow, LedgerState } from './ledger-row.ts';
import { readTableMark } from './table-mark.ts';
import { digestRows } from './row-digests.ts';
import { prepareTable } from './prepare-table.ts';
import type { PreparedTable } from './prepare-table.ts';
import type { HBaseClient } from '../client/client.ts';
import { onTarget, openSinkClient } from './sink-client.ts';
import type { HBaseSinkConfig } from './sink-config.ts';
import { doubtHidden } from './sink-newer-cells.ts';
import { encodeRemovals, encodeRows } from './sink-rows.ts';
import type { EncodedRows } from './sink-rows.ts';
import { Overtaken, UnitLedger } from './unit-ledger.ts';
import { createUnitTransaction } from './unit-transaction.ts';
import type { UnitDraft } from './unit-transaction.ts';
import { wholeTable } from '../client/key-range.ts';

const maxAttempts = 100;
const longestPauseMs = 50;

export function openSinkStore(
  config: HBaseSinkConfig,
  signal: AbortSignal,
  client: HBaseClient = openSinkClient(config),
): SinkStore {
  const writer = new UnitWriter(config, client, signal);
  return {
    prepareTable: (schema) => onTarget(() => writer.prepare(schema)),
    transaction: (work) => onTarget(() => writer.transaction(work)),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** Rows that are in the target, under a claim that may still hold. */
interface Sent {
  readonly place: string;
  readonly timestamp: number;
  readonly batches: readonly RowBatch[];
}

interface Claimed {
  readonly state: LedgerState;
  /** null: no row was put. */
  readonly sent: Sent | null;
}

class UnitWriter {
  readonly #config: HBaseSinkConfig;
  readonly #client: HBaseClient;
  readonly #signal: AbortSignal;
  readonly #row: LedgerRow;
  readonly #dirty: DirtyRows;
  #prepared: PreparedTable | null = null;
  /** Cells of the ledger that the last unit needed. */
  #expected: readonly string[] = [cellOf.job];

  constructor(config: HBaseSinkConfig, client: HBaseClient, signal: AbortSignal) {
    this.#config = config;
    this.#client = client;
    this.#signal = signal;
    const place = { ledgerTable: config.ledgerTable, target: config.table, signal };
    this.#row = openLedgerRow(client, place);
    this.#dirty = openDirtyRows(client, place);
  }

  async prepare(schema: RowSchema): ReturnType<SinkStore['prepareTable']> {
    const prepared = await prepareTable(this.#client, this.#config, schema);
    this.#prepared = prepared;
    return {
      notes: prepared.notes,
      doubts: [...prepared.doubts, ...(await this.#doubtNewerCells(prepared))],
      key: prepared.plan.key,
      replaceable: false,
    };
  }

  async #doubtNewerCells({ plan }: PreparedTable): Promise<readonly Text[]> {
    return doubtHidden(this.#client, this.#config, {
      plan,
      from: nextTimestamp(await this.#row.readHead()),
      signal: this.#signal,
    });
  }

  async transaction<T>(work: (tx: SinkTransaction) => Promise<T>): Promise<T> {
    const encoded = new Map<RowBatch, EncodedRows>();
    let sent: Sent | null = null;
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      this.#signal.throwIfAborted();
      const ledger = new UnitLedger(this.#row, this.#expected);
      const draft: UnitDraft = { ledger, place: '', batches: [], removals: new Set(), dirty: [] };
      const worked = await unlessOvertaken(async () => {
        const result = await work(createUnitTransaction(draft, this.#encoder(encoded, draft)));
        await ledger.need([]);
        return { result };
      });
      this.#expected = ledger.needed;
      const claimed: Claimed | null =
        worked === null ? null : await this.#send({ base: ledger.read, draft, encoded, sent });
      sent = claimed?.sent ?? sent;
      if (worked !== null && claimed !== null && (await this.#commit(claimed.state, ledger.draft)))
        return worked.result;
      await systemClock.sleep(Math.random() * Math.min(attempt * 2, longestPauseMs), this.#signal);
    }
    throw new SyncError('TARGET_FAILED', {
      message: `committing to the ledger of ${this.#config.table}: others were faster ${maxAttempts} times`,
      retriable: true,
    });
  }

  /** Encodes a batch once, however often its unit is tried. */
  #encoder(
    encoded: Map<RowBatch, EncodedRows>,
    draft: UnitDraft,
  ): Parameters<typeof createUnitTransaction>[1] {
    const once = (batch: RowBatch, encode: (prepared: PreparedTable) => EncodedRows): EncodedRows => {
      const rows = encoded.get(batch) ?? encode(this.#require());
      encoded.set(batch, rows);
      return rows;
    };
    return {
      rows: (batch) => once(batch, ({ plan }) => encodeRows(this.#config, plan, batch)).refused,
      digests: (batch) => this.#digestRows(batch, draft, encoded),
      isEmpty: () => this.#isEmpty(),
      mark: () => readTableMark(this.#client, this.#config.table, { signal: this.#signal }),
      removals: (batch) => void once(batch, ({ plan, families }) => encodeRemovals(plan, families, batch)),
    };
  }

  /** Puts the unit's rows under a claim; null: the ledger changed meanwhile. Without rows there is nothing to claim. */
  async #send(unit: {
    base: LedgerState;
    draft: UnitDraft;
    encoded: ReadonlyMap<RowBatch, EncodedRows>;
    sent: Sent | null;
  }): Promise<Claimed | null> {
    const { base, draft, encoded, sent } = unit;
    const waves = draft.batches.flatMap((batch) => {
      const rows = encoded.get(batch);
      return rows === undefined ? [] : rows.waves.map((wave) => ({ ...wave, rows }));
    });
    if (waves.length === 0 && draft.dirty.length === 0) return { state: base, sent };
    if (sent !== null && stillHolds(sent, base.ledger, draft)) return { state: base, sent };
    const timestamp = nextTimestamp(base.ledger);
    const state = await this.#row.commit(base, {
      ...base.ledger,
      job: jobWhileSent(base.ledger.job, draft.ledger.draft.job, { removes: draft.removals.size > 0 }),
      clock: timestamp + Math.max(waves.length - 1, 0),
      claims: { ...base.ledger.claims, [draft.place]: timestamp },
    });
    if (state === null) return null;
    for (const [at, wave] of waves.entries()) await this.#put(wave, timestamp + at);
    await this.#dirty.write(draft.dirty, timestamp);
    return { state, sent: { place: draft.place, timestamp, batches: draft.batches } };
  }

  async #put(
    { rows, from, to }: { readonly rows: EncodedRows; readonly from: number; readonly to: number },
    timestamp: number,
  ): Promise<void> {
    const { table, batchRows } = this.#config;
    const { block, dated } = rows;
    if (!dated) block.setTime(from, to, BigInt(timestamp));
    for (let at = from; at < to; at += batchRows) {
      const part = { block, from: at, to: Math.min(at + batchRows, to) };
      await this.#client.mutateBlock(table, part, { signal: this.#signal });
    }
  }

  #digestRows(
    batch: RowBatch,
    draft: UnitDraft,
    encoded: ReadonlyMap<RowBatch, EncodedRows>,
  ): Promise<readonly (string | null)[]> {
    const written = draft.batches.flatMap((each) => encoded.get(each) ?? []);
    const table = { name: this.#config.table, prepared: this.#require(), written, signal: this.#signal };
    return digestRows(this.#client, table, batch);
  }

  async #isEmpty(): Promise<boolean> {
    const scan = this.#client.scan({
      table: this.#config.table,
      range: wholeTable,
      limitRows: 1,
      signal: this.#signal,
    });
    for await (const { rowCount } of scan) if (rowCount > 0) return false;
    return true;
  }

  #require(): PreparedTable {
    if (this.#prepared !== null) return this.#prepared;
    throw new SyncError('INTERNAL', { message: 'writing rows before prepareTable' });
  }

  async #commit(state: LedgerState, draft: HBaseLedger): Promise<boolean> {
    const { clock, claims } = state.ledger;
    return (await this.#row.commit(state, { ...draft, clock, claims })) !== null;
  }
}

/** Nobody claimed at the unit's place after it was sent, and it is still the same unit. */
function stillHolds(sent: Sent, ledger: HBaseLedger, draft: UnitDraft): boolean {
  return (
    sent.place === draft.place &&
    ledger.claims[sent.place] === sent.timestamp &&
    draft.batches.length === sent.batches.length &&
    draft.batches.every((batch, at) => batch === sent.batches[at])
  );
}

/** null: somebody else changed the ledger meanwhile. */
async function unlessOvertaken<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Overtaken) return null;
    throw error;
  }
}
