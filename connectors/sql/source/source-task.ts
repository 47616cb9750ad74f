// The task of an SQL source: plans a read and reads its splits, each a range of the key, through the sessions of one view.
import type { Clock } from '../../../src/core/clock.ts';
import type {
  PlanRequest,
  SourcePlan,
  SourceTask,
  SplitRequest,
} from '../../../src/core/connector/contract.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { Text } from '../../../src/core/text.ts';
import type { SqlSourceConfig } from './config.ts';
import type { FoundTable, SourceSession } from './dialect.ts';
import { claimKeys, comparedColumns } from './claim-keys.ts';
import { findGrowing, sentCondition, windowConditions } from './increments/increments.ts';
import { readShared, readSplit } from './plan-text.ts';
import { chooseColumns } from './row-columns.ts';
import { RowWriter } from './row-writer.ts';
import { selectSql } from './select.ts';
import { settle } from './increments/settle.ts';
import { planSource, versionOf } from './source-plan.ts';
import { openSourceSession, openView, SessionPool } from './views.ts';

interface Reader {
  readonly pool: SessionPool;
  readonly sessions: readonly SourceSession[];
  readonly table: FoundTable;
  readonly doubts: readonly Text[];
}

export class SqlSourceTask implements SourceTask {
  readonly concurrency: number;
  readonly #config: SqlSourceConfig;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  #reader: Promise<Reader> | null = null;
  #isAlone = false;

  constructor(config: SqlSourceConfig, signal: AbortSignal, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.concurrency = Math.min(config.connections, config.server.mostSessions);
  }

  async plan(request: PlanRequest): Promise<SourcePlan> {
    const session = await openSourceSession(this.#config, this.#signal);
    try {
      return await planSource({ session, config: this.#config, clock: this.#clock }, request);
    } finally {
      session.close();
    }
  }

  async readSplit(read: SplitRequest): Promise<void> {
    const { pool, table, doubts } = await this.#open(read.plan);
    for (const doubt of doubts) read.out.doubted?.(doubt);
    if (read.resumed === true) read.out.doubted?.(twoViews);
    await pool.use((session) => this.#read(read, session, table));
  }

  closingNotes(): readonly Text[] {
    return this.#isAlone ? [oneConnection] : [];
  }

  async close(): Promise<void> {
    // Sessions end with their signal, also those that are about to be opened.
    this.#closing.abort(new Error('the task is closed'));
    const reader = await this.#reader?.catch(() => null);
    for (const session of reader?.sessions ?? []) session.close();
  }

  /** With the first split that is read; all splits wait for it. */
  #open(plan: SourcePlan): Promise<Reader> {
    this.#reader ??= this.#openReader(plan);
    return this.#reader;
  }

  async #openReader(plan: SourcePlan): Promise<Reader> {
    const { version, settledFrom, lagMs } = readShared(plan.shared);
    const doubts = settledFrom === null ? [] : await this.#settle(settledFrom, lagMs);
    const count = Math.min(this.concurrency, plan.splits.length);
    const { sessions, table } = await openView(this.#config, count, this.#signal);
    this.#isAlone = sessions.length < count;
    const reader = { sessions, table, doubts, pool: new SessionPool(sessions) };
    if (versionOf(table, chooseColumns(this.#config, table)) === version) return reader;
    for (const session of sessions) session.close();
    throw new SyncError('SOURCE_SCHEMA', {
      message: `reading ${this.#config.name}: it was altered, or another one was put in its place, since the run was planned; run again`,
      retriable: true,
    });
  }

  /** Before the view is opened: it must hold all rows that were on their way when the plan was made. */
  async #settle(from: number, lagMs: number): Promise<readonly Text[]> {
    const session = await openSourceSession(this.#config, this.#signal);
    try {
      return await settle(session, { from, lagMs, clock: this.#clock, signal: this.#signal });
    } finally {
      session.close();
    }
  }

  async #read(
    { plan, split, out, signal }: SplitRequest,
    session: SourceSession,
    table: FoundTable,
  ): Promise<void> {
    const { place, server } = this.#config;
    const rows = chooseColumns(this.#config, table);
    const { columns, fields, schema, bounds } = rows;
    const key = schema.key.map((name) => columns.findIndex((column) => column.name === name));
    const writer = new RowWriter({ fields, key, zeroDates: server.zeroDates });
    const range = readSplit(split);
    const growing = findGrowing(this.#config, table);
    const { bounded } = readShared(plan.shared);
    const { words } = session;
    const where = windowConditions(words, this.#config, { growing, window: plan.window, bounded });
    const sql = selectSql({ words, place, columns, bounds, range, where });
    writer.begin(out);
    const stop = (): void => session.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      await session.stream(sql, {
        writer,
        forms: fields.map(({ form }) => form),
        drained: () => out.drained(),
      });
      const compared = comparedColumns(this.#config, rows);
      const sent = sentCondition(words, this.#config, { growing, window: plan.window });
      if (compared !== null)
        await claimKeys({ session, config: this.#config, columns: compared, rows, range, sent, out });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

const twoViews: Text = {
  en: 'the read was begun again after an interruption, and key ranges that had ended were not read a second time: a row whose key moved from one range into another meanwhile may be missing, or stand twice, until a full run',
  zh: '读取在中断后重新开始，已结束的键范围没有再次读取：其间主键从一个范围移到另一个范围的行，在下一次全量运行之前可能缺失或重复',
};

const oneConnection: Text = {
  en: 'this server gives several connections no common view of the data: all key ranges were read one after the other, through one connection',
  zh: '该服务器不为多个连接提供统一的数据视图：所有键范围均通过一个连接依次读取',
};
