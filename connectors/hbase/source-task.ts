// The HBase source's task: plans a read and reads its splits, each a key range, into rows.
import type { PlanRequest, RowOutput, SourcePlan, SourceTask } from '../../src/core/connector.ts';
import { systemClock } from '../../src/core/clock.ts';
import { SyncError } from '../../src/core/errors.ts';
import { CellDecoder } from './cell-decoder.ts';
import type { HBaseSourceConfig } from './config.ts';
import { readIncrement } from './increments.ts';
import { HBaseClient } from './rpc/client.ts';
import type { KeyRange } from './rpc/key-range.ts';
import type { CellSelection } from './rpc/messages/selection.ts';
import { ServerSlots } from './server-slots.ts';
import { planSource } from './source-plan.ts';
import { readSplitText } from './splits.ts';
import type { HBaseSplit } from './splits.ts';

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
  readonly #slots: ServerSlots;

  constructor(config: HBaseSourceConfig, signal: AbortSignal) {
    this.#config = config;
    this.#signal = signal;
    this.#client = openClient(config);
    this.#slots = new ServerSlots(config.scannersPerServer);
    this.concurrency = config.scanners;
  }

  plan(request: PlanRequest): Promise<SourcePlan> {
    const context = { client: this.#client, config: this.#config, clock: systemClock, signal: this.#signal };
    return planSource(context, request);
  }

  async readSplit(read: SplitRead): Promise<void> {
    const split = readSplitText(read.split);
    await this.#slots.run(split.server, read.signal, () => this.#read(read, split));
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async #read({ plan, out, signal }: SplitRead, split: HBaseSplit): Promise<void> {
    const range = { start: Buffer.from(split.start, 'hex'), stop: Buffer.from(split.stop, 'hex') };
    const decoder = this.#decoder(split);
    const { from, to } = plan.window;
    const target = split.guessed ? refuseRows(this.#config.table, out) : out;
    if (from === null || to === null) {
      await this.#scan({ range, decoder, out: target, signal });
      return;
    }
    if (from >= to) return;
    const { table } = this.#config;
    const increment = { client: this.#client, table, range, window: { from, to }, selection: wholeRows };
    await readIncrement({ ...increment, decoder, out: target, signal });
  }

  async #scan(read: {
    range: KeyRange;
    decoder: CellDecoder;
    out: RowOutput;
    signal: AbortSignal;
  }): Promise<void> {
    const { range, decoder, out, signal } = read;
    const scanner = this.#client.scan({ table: this.#config.table, range, signal, ...wholeRows });
    for await (const { buffer, rowCount, rowStarts } of scanner) {
      for (let row = 0; row < rowCount; row += 1)
        decoder.decodeRow(buffer, rowStarts[row] ?? 0, rowStarts[row + 1] ?? 0, out);
      await out.drained();
    }
  }

  #decoder({ columns }: HBaseSplit): CellDecoder {
    const { fields } = this.#config.mapping;
    if (columns.length !== fields.length)
      throw new SyncError('PLAN_LOST', {
        message: 'reading a split of the plan: it was made for another mapping',
      });
    return new CellDecoder(fields.map((field, index) => ({ field, column: columns[index] ?? null })));
  }
}

export function openClient(config: HBaseSourceConfig): HBaseClient {
  return new HBaseClient({
    cluster: config.cluster,
    effectiveUser: config.user,
    retryBudgetMs: config.retryMs,
  });
}

/** All families: a row that holds none of the mapped columns is a row all the same, and must be seen. */
const wholeRows: CellSelection = {};

/** For a table that was empty when its bare names should have been looked up. */
function refuseRows(table: string, out: RowOutput): RowOutput {
  const refuse = (): never => {
    throw new SyncError('MAPPING_INVALID', {
      message: `reading ${table}: it was empty when the run was planned, so the mapping's bare names could not be looked up, and now it has rows; run again`,
      retriable: true,
    });
  };
  return { row: refuse, dirty: refuse, filtered: refuse, drained: () => out.drained() };
}
