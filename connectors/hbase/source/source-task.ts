// The HBase source's task: plans a read and reads its splits, each a key range, into rows.
import type {
  PlanRequest,
  RowOutput,
  SourcePlan,
  SourceTask,
  TaskOpening,
} from '../../../src/core/connector/contract.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SharedSlots } from '../../../src/core/connector/shared-slots.ts';
import type { Window } from '../../../src/core/window.ts';
import { CellDecoder } from '../mapping/cell-decoder.ts';
import { cellsOf, mappedCells, wholeRows } from './cell-selection.ts';
import { describeColumn } from '../mapping/column-resolution.ts';
import { requireColumn, selectFrom } from './column-window.ts';
import type { HBaseSourceConfig } from './source-config.ts';
import { claimKeys, tombstoneWriter } from './deleted-rows.ts';
import type { ClaimRead } from './deleted-rows.ts';
import { clusterName } from '../cluster/cluster-config.ts';
import { onSide } from '../cluster/side-errors.ts';
import type { MappedField } from '../mapping/field-mapping.ts';
import { readAll } from './full-read.ts';
import { fieldFrom } from './growing-column.ts';
import type { GrowingColumn } from './growing-column.ts';
import { readGone, readIncrement } from './increments.ts';
import type { IncrementRead } from './increments.ts';
import { asKeyField } from '../mapping/field-mapping.ts';
import { readShared, readSplit } from '../plan/plan-text.ts';
import type { HBaseSplit, SharedPlan } from '../plan/plan-text.ts';
import { timeOf } from './positions.ts';
import { HBaseClient } from '../client/client.ts';
import { planSource } from '../plan/source-plan.ts';
import { noteAbsent } from '../plan/unseen-columns.ts';

const vanished: Text = { en: 'vanished', zh: '读取时已消失' };

interface SplitRead {
  readonly plan: SourcePlan;
  readonly split: string;
  readonly out: RowOutput;
  readonly signal: AbortSignal;
}

export class HBaseSourceTask implements SourceTask {
  readonly concurrency: number;
  readonly #config: HBaseSourceConfig;
  readonly #client: HBaseClient;
  readonly #signal: AbortSignal;
  readonly #slots: SharedSlots;
  readonly #clock: Clock;
  /** Columns that no row of the splits read so far had; null: none was read, or the read is no full one. */
  #absent: ReadonlySet<string> | null = null;

  constructor({ config, signal, slots, clock }: TaskOpening<HBaseSourceConfig>) {
    this.#config = config;
    this.#signal = signal;
    this.#client = openClient(config);
    this.#slots = slots;
    this.#clock = clock;
    this.concurrency = config.scanners;
  }

  plan(request: PlanRequest): Promise<SourcePlan> {
    const context = {
      client: this.#client,
      config: this.#config,
      slots: this.#slots,
      clock: this.#clock,
      signal: this.#signal,
    };
    return onSide('SOURCE', () => planSource(context, request));
  }

  readSplit(read: SplitRead): Promise<void> {
    return onSide('SOURCE', () => this.#readInTurn(read));
  }

  /** When its server has a slot free. */
  async #readInTurn(read: SplitRead): Promise<void> {
    const split = { ...readShared(read.plan.shared), ...readSplit(read.split) };
    const { table, cluster, scannersPerServer: perServer, retryMs: retryBudgetMs } = this.#config;
    const { signal } = read;
    const server = await this.#client.serverOf(table, split.range.start, {
      retryBudgetMs,
      signal,
    });
    const request = { server, cluster: clusterName(cluster), perServer };
    await this.#slots.run(request, signal, () => this.#read(read, split));
  }

  closingNotes(read: number): readonly Text[] {
    const absent = [...(this.#absent ?? [])];
    return absent.length === 0 || read === 0 ? [] : [noteAbsent(absent, read)];
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async #read({ plan, out, signal }: SplitRead, split: HBaseSplit & SharedPlan): Promise<void> {
    const { growing } = this.#config;
    const { from, to } = numbersOf(plan.window, growing);
    const decoder = this.#decoder(split, from);
    if (split.removesRefused) decoder.tellRefused(tombstoneWriter(this.#fields(split), out));
    const read = {
      client: this.#client,
      table: this.#config.table,
      range: split.range,
      selection: split.narrow ? mappedCells(this.#config.mapping.fields) : wholeRows,
      decoder,
      out: split.guessed ? refuseRows(this.#config.table, out) : out,
      signal,
    };
    if (growing !== null && from !== null) {
      const column = requireColumn(growing, split.columns[growing.index] ?? null);
      await readAll({ ...read, selection: selectFrom(growing, column, { from, selection: read.selection }) });
    } else if (from === null || to === null) {
      decoder.watch(split.unseen);
      await readAll(read);
      this.#noteAbsent(split, decoder);
      if (this.#config.deletes === 'markers')
        await readGone({ ...read, onGone: tombstoneWriter(this.#fields(split), out) });
    } else {
      if (split.earlierDeletes)
        await readGone({ ...read, onGone: tombstoneWriter(this.#fields(split), out) });
      const window = { from, to: split.ahead ? Infinity : to };
      if (from < window.to) await readIncrement({ ...read, ...this.#changes(split, out), window });
    }
    const field = this.#config.mapping.fields.find(({ isKey }) => isKey);
    if (this.#config.deletes === 'reconcile' && field !== undefined)
      await claimKeys({ ...read, field, ...this.#claimed(split, to) });
  }

  /** Where every row is sent, the target must have all that were there before the window's end; else only those that pass. */
  #claimed(
    split: HBaseSplit & SharedPlan,
    to: number | null,
  ): Pick<ClaimRead, 'writtenBefore' | 'condition'> {
    const { growing } = this.#config;
    const fields = this.#fields(split)
      .map((field, index) => ({ field, column: split.columns[index] ?? null }))
      .filter(({ field }) => field.condition !== null);
    if (fields.length === 0) return { writtenBefore: growing === null ? to : null, condition: null };
    const decoder = new CellDecoder(fields);
    return { writtenBefore: null, condition: { selection: cellsOf(fields), decoder } };
  }

  /** Rows that are gone are told by their key, whatever the mapping's names mean: also of a table that is empty by now. */
  #changes(
    split: HBaseSplit & SharedPlan,
    out: RowOutput,
  ): Pick<IncrementRead, 'way' | 'markers' | 'onGone'> {
    const { deletes } = this.#config;
    const onGone =
      deletes === 'markers' ? tombstoneWriter(this.#fields(split), out) : (): void => out.filtered(vanished);
    return { way: split.way, markers: deletes !== 'ignore', onGone };
  }

  #noteAbsent({ columns }: SharedPlan, decoder: CellDecoder): void {
    const here = decoder.absent.map((field) => describeColumn(columns[field] ?? null));
    const before = this.#absent;
    this.#absent = new Set(before === null ? here : here.filter((column) => before.has(column)));
  }

  #fields({ columns }: SharedPlan): readonly MappedField[] {
    const { fields } = this.#config.mapping;
    if (columns.length !== fields.length)
      throw new SyncError('PLAN_LOST', {
        message: 'reading a split of the plan: it was made for another mapping',
      });
    return fields.map((field, index) => asKeyField(field, columns[index] ?? null));
  }

  #decoder(split: SharedPlan, from: number | null): CellDecoder {
    const { growing } = this.#config;
    const { columns, families } = split;
    const fields = this.#fields(split).map((field, index) =>
      growing?.index === index && from !== null ? fieldFrom(growing, from) : field,
    );
    return new CellDecoder(
      fields.map((field, index) => ({ field, column: columns[index] ?? null })),
      families,
    );
  }
}

function numbersOf(
  { from, to }: Window,
  growing: GrowingColumn | null,
): { readonly from: number | null; readonly to: number | null } {
  const numberOf = growing === null ? timeOf : growing.positionOf;
  return { from: from === null ? null : numberOf(from), to: to === null ? null : numberOf(to) };
}

export function openClient(config: HBaseSourceConfig): HBaseClient {
  return new HBaseClient({
    cluster: config.cluster,
    effectiveUser: config.user,
    kerberos: config.kerberos,
    tls: config.tls,
    retryBudgetMs: config.retryMs,
  });
}

/** For a table that was empty when its bare names should have been looked up. */
function refuseRows(table: string, out: RowOutput): RowOutput {
  const refuse = (): never => {
    throw new SyncError('MAPPING_INVALID', {
      message: `reading ${table}: it was empty when the run was planned, so the mapping's bare names could not be looked up, and now it has rows; run again`,
      retriable: true,
    });
  };
  return {
    row: refuse,
    dirty: refuse,
    filtered: refuse,
    nulled: refuse,
    claimed: (claim) => (claim.keys.rows === 0 ? out.claimed?.(claim) : refuse()),
    drained: () => out.drained(),
  };
}
