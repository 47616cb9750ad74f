// Gets and mutations of many rows: grouped by server and region, sent in parallel, repeated for the rows that failed.
//   all actions ─locate─► by server ─Multi─► done | failed (the call, one region, or one action) ─recover─► the failed ones again
import type { CallContext, CallOptions } from './call-context.ts';
import { budgetFor } from './call-context.ts';
import { encodeCells, skipCells } from './cell-block.ts';
import type { RpcResponse } from './connection.ts';
import { asHBaseError, remoteError } from './exceptions.ts';
import type { HBaseError } from './exceptions.ts';
import { decodeMultiResponse, encodeMultiRequest } from './messages/multi.ts';
import type { Action, ActionException, RegionResult } from './messages/multi.ts';
import { addressOf } from './messages/server-name.ts';
import { regionLabel } from './region-location.ts';
import type { UsableLocation } from './region-location.ts';
import type { RetryBudget } from './retry-budget.ts';

const callTimeoutMs = 60_000;

/** The cells of one row: `buffer[start, end)`; start = end when the row has none of the asked cells. */
export interface RowCells {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Answer to a get of `existenceOnly`. */
  readonly exists?: boolean;
}

export interface MultiOutcome {
  /** In the order of the actions; empty for mutations. */
  readonly rows: readonly RowCells[];
  /** Gives the buffers of all rows back; nobody may read them after that. */
  release(): void;
}

const noCells: RowCells = { buffer: Buffer.alloc(0), start: 0, end: 0 };

/** The actions of one region within a call, as indexes into the caller's list. */
interface RegionGroup {
  readonly location: UsableLocation;
  readonly indexes: number[];
}

interface Failure {
  readonly indexes: readonly number[];
  readonly location: UsableLocation;
  readonly error: HBaseError;
}

/** @throws HBaseError of the first action that no retry can help, or when the budget is spent; other actions may be done then */
export async function runActions(
  context: CallContext,
  table: string,
  actions: readonly Action[],
  options: CallOptions = {},
): Promise<MultiOutcome> {
  const run = new MultiRun(context, table, actions, options);
  const budget = budgetFor(context, options, `calling ${actions.length} rows of ${table}`);
  let left: readonly number[] = [...actions.keys()];
  while (left.length > 0) {
    const servers = await run.groupByServer(left, budget);
    const failures = (await Promise.all(servers.map((regions) => run.send(regions)))).flat();
    const failed = failures.flatMap((failure) => failure.indexes).sort((a, b) => a - b);
    if (failed.length < left.length) budget.progress();
    left = failed;
    await recover(context, failures, budget);
  }
  return run;
}

/** All failures are told to the locator; the pause is the longest that one of them asks for. */
async function recover(
  context: CallContext,
  failures: readonly Failure[],
  budget: RetryBudget,
): Promise<void> {
  for (const { location, error } of failures) context.locator.forget(location, error);
  const [worst] = failures.map(({ error }) => error).sort((one, other) => urgency(other) - urgency(one));
  if (worst !== undefined) await budget.failed(worst);
}

/** A final failure before all; then the longest wait that a server named; then an overloaded server. */
function urgency({ recovery, waitMs, overloaded }: HBaseError): number {
  if (recovery === 'fail') return Infinity;
  return (waitMs ?? 0) + (overloaded ? 1 : 0);
}

class MultiRun implements MultiOutcome {
  readonly rows: RowCells[];
  readonly #context: CallContext;
  readonly #table: string;
  readonly #actions: readonly Action[];
  readonly #signal: AbortSignal | undefined;
  readonly #responses: RpcResponse[] = [];

  constructor(context: CallContext, table: string, actions: readonly Action[], options: CallOptions) {
    this.#context = context;
    this.#table = table;
    this.#actions = actions;
    this.#signal = options.signal;
    this.rows = actions.map(() => noCells);
  }

  release(): void {
    for (const response of this.#responses) response.release();
  }

  async groupByServer(indexes: readonly number[], budget: RetryBudget): Promise<RegionGroup[][]> {
    const { locator } = this.#context;
    const servers = new Map<string, Map<UsableLocation, RegionGroup>>();
    for (const index of indexes) {
      const row = this.#rowOf(index);
      const location =
        locator.known(this.#table, row) ?? (await locator.locate(this.#table, row, budget, this.#signal));
      const address = addressOf(location.server);
      const regions = servers.get(address) ?? new Map<UsableLocation, RegionGroup>();
      servers.set(address, regions);
      const group = regions.get(location);
      if (group === undefined) regions.set(location, { location, indexes: [index] });
      else group.indexes.push(index);
    }
    return [...servers.values()].map((regions) => [...regions.values()]);
  }

  /** One call to one server; what did not succeed comes back. */
  async send(regions: readonly RegionGroup[]): Promise<Failure[]> {
    const server = regions[0]?.location.server;
    if (server === undefined) return [];
    const call = {
      method: 'Multi',
      param: encodeMultiRequest(regions.map((region) => this.#regionActions(region))),
      cellBlock: this.#cellsToSend(regions),
      timeoutMs: callTimeoutMs,
      signal: this.#signal,
    };
    try {
      const response = await this.#context.connections.call(server, 'ClientService', call);
      this.#responses.push(response);
      return this.#readResponse(regions, response);
    } catch (error) {
      this.#signal?.throwIfAborted();
      return regions.map(({ indexes, location }) => ({ indexes, location, error: asHBaseError(error) }));
    }
  }

  #readResponse(regions: readonly RegionGroup[], response: RpcResponse): Failure[] {
    const results = decodeMultiResponse(response.message());
    const failures: Failure[] = [];
    let at = response.blockStart;
    for (const [order, region] of regions.entries()) {
      const result: RegionResult = results[order] ?? { results: [] };
      const answered = new Set<number>();
      for (const { index, cellCount, exists, exception } of result.results) {
        if (exception !== undefined) continue;
        const end = skipCells(response.buffer, at, cellCount ?? 0, response.blockEnd);
        this.rows[index] = {
          buffer: response.buffer,
          start: at,
          end,
          ...(exists === undefined ? {} : { exists }),
        };
        answered.add(index);
        at = end;
      }
      failures.push(...unanswered(region, result, answered));
    }
    return failures;
  }

  #regionActions({ location, indexes }: RegionGroup): Parameters<typeof encodeMultiRequest>[0][number] {
    return {
      regionName: location.name,
      actions: indexes.map((index) => ({ index, action: this.#action(index) })),
    };
  }

  #cellsToSend(regions: readonly RegionGroup[]): Buffer {
    const actions = regions.flatMap(({ indexes }) => indexes.map((index) => this.#action(index)));
    return encodeCells(actions.flatMap((action) => ('mutation' in action ? action.mutation.cells : [])));
  }

  #rowOf(index: number): Uint8Array {
    const action = this.#action(index);
    return 'mutation' in action ? action.mutation.row : action.get.row;
  }

  #action(index: number): Action {
    const action = this.#actions[index];
    if (action === undefined) throw new RangeError(`no action ${index}`);
    return action;
  }
}

/** Actions without a result: said of the region, said of each, or (never seen) not said at all. */
function unanswered(region: RegionGroup, result: RegionResult, answered: ReadonlySet<number>): Failure[] {
  const { location } = region;
  const failed = (indexes: readonly number[], exception: ActionException): Failure => ({
    indexes,
    location,
    error: actionError(location, exception),
  });
  if (result.exception !== undefined) return [failed(region.indexes, result.exception)];
  const exceptions = new Map(result.results.map(({ index, exception }) => [index, exception]));
  const missing = { className: 'java.io.IOException', stackTrace: 'the answer left this action out' };
  return region.indexes
    .filter((index) => !answered.has(index))
    .map((index) => failed([index], exceptions.get(index) ?? missing));
}

function actionError(location: UsableLocation, exception: ActionException): HBaseError {
  const place = { method: 'Multi', server: addressOf(location.server), region: regionLabel(location.name) };
  return remoteError(place, { ...exception, doNotRetry: isFinal(exception), serverOverloaded: false });
}

/** A Multi carries no do_not_retry flag per action; Java's class hierarchy has it instead. */
function isFinal({ className, stackTrace }: ActionException): boolean {
  return finalClasses.test(className) || stackTrace.includes('DoNotRetryIOException');
}

const finalClasses =
  /\.(?:NoSuchColumnFamilyException|InvalidFamilyOperationException|AccessDeniedException|TableNotFoundException|TableNotEnabledException|CorruptHFileException|IllegalArgumentException|UnsupportedOperationException)$/;
