// Gets and mutations of many rows: grouped by server and region, sent in parallel, repeated for the rows that failed.
//   all actions ─locate─► by server ─Multi─► done | failed (the call, one region, or one action) ─recover─► the failed ones again
import { unreadable } from '../hbase-error.ts';
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import { encodeCells, skipCells } from '../wire/cell-block.ts';
import type { RpcResponse } from '../wire/connection.ts';
import { asHBaseError, remoteError } from '../exceptions.ts';
import type { HBaseError } from '../exceptions.ts';
import { decodeMultiResponse, encodeMultiRequest } from '../messages/multi.ts';
import type { Action, ActionException, RegionResult } from '../messages/multi.ts';
import { addressOf } from '../messages/server-name.ts';
import { regionLabel } from '../regions/region-location.ts';
import type { UsableLocation } from '../regions/region-location.ts';
import type { RetryBudget } from '../retry-budget.ts';

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
export interface RegionGroup {
  readonly location: UsableLocation;
  readonly indexes: number[];
}

export interface Failure {
  readonly indexes: readonly number[];
  readonly location: UsableLocation;
  readonly error: HBaseError;
}

/** Actions by number, however they are kept. */
export interface MultiWork {
  readonly size: number;
  rowOf(index: number): Uint8Array;
  /** The region of the action's row, if nothing has disproved it. */
  known(index: number): UsableLocation | undefined;
  request(regions: readonly RegionGroup[]): { readonly param: Buffer; readonly cellBlock: Buffer };
  /** Takes what succeeded, and gives back what did not; the response is its own from then on. */
  answer(regions: readonly RegionGroup[], response: RpcResponse): Failure[];
}

/** @throws HBaseError of the first action that no retry can help, or when the budget is spent; other actions may be done then */
export async function runActions(
  context: CallContext,
  table: string,
  actions: readonly Action[],
  options: CallOptions = {},
): Promise<MultiOutcome> {
  const run = new MultiRun(context, table, actions);
  await runMulti(context, table, run, options);
  return run;
}

/** As runActions. */
export async function runMulti(
  context: CallContext,
  table: string,
  work: MultiWork,
  options: CallOptions,
): Promise<void> {
  const { signal } = options;
  const budget = budgetFor(context, options, `calling ${work.size} rows of ${table}`);
  let left: readonly number[] = Array.from({ length: work.size }, (_, index) => index);
  while (left.length > 0) {
    const groups = new Map<UsableLocation, RegionGroup>();
    for (const index of left) {
      const location =
        work.known(index) ?? (await context.locator.locate(table, work.rowOf(index), budget, signal));
      const group = groups.get(location);
      if (group === undefined) groups.set(location, { location, indexes: [index] });
      else group.indexes.push(index);
    }
    const calls = byServer(groups.values()).map((regions) => send(context, work, { regions, signal }));
    const failures = (await Promise.all(calls)).flat();
    const failed = failures.flatMap((failure) => failure.indexes).sort((one, other) => one - other);
    if (failed.length < left.length) budget.progress();
    left = failed;
    await recover(context, failures, budget);
  }
}

function byServer(groups: Iterable<RegionGroup>): RegionGroup[][] {
  const servers = new Map<string, RegionGroup[]>();
  for (const group of groups) {
    const address = addressOf(group.location.server);
    const regions = servers.get(address);
    if (regions === undefined) servers.set(address, [group]);
    else regions.push(group);
  }
  return [...servers.values()];
}

/** One call to one server; what did not succeed comes back. */
async function send(
  context: CallContext,
  work: MultiWork,
  { regions, signal }: { readonly regions: readonly RegionGroup[]; readonly signal: AbortSignal | undefined },
): Promise<Failure[]> {
  const server = regions[0]?.location.server;
  if (server === undefined) return [];
  const call = { method: 'Multi', ...work.request(regions), timeoutMs: callTimeoutMs, signal };
  try {
    return work.answer(regions, await context.connections.call(server, 'ClientService', call));
  } catch (error) {
    signal?.throwIfAborted();
    return regions.map(({ indexes, location }) => ({ indexes, location, error: asHBaseError(error) }));
  }
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

class MultiRun implements MultiOutcome, MultiWork {
  readonly rows: RowCells[];
  readonly #context: CallContext;
  readonly #table: string;
  readonly #actions: readonly Action[];
  readonly #responses: RpcResponse[] = [];

  constructor(context: CallContext, table: string, actions: readonly Action[]) {
    this.#context = context;
    this.#table = table;
    this.#actions = actions;
    this.rows = actions.map(() => noCells);
  }

  get size(): number {
    return this.#actions.length;
  }

  release(): void {
    for (const response of this.#responses) response.release();
  }

  known(index: number): UsableLocation | undefined {
    return this.#context.locator.known(this.#table, this.rowOf(index));
  }

  request(regions: readonly RegionGroup[]): { param: Buffer; cellBlock: Buffer } {
    const actions = regions.flatMap(({ indexes }) => indexes.map((index) => this.#action(index)));
    return {
      param: encodeMultiRequest(regions.map((region) => this.#regionActions(region))),
      cellBlock: encodeCells(
        actions.flatMap((action) => ('mutation' in action ? action.mutation.cells : [])),
      ),
    };
  }

  answer(regions: readonly RegionGroup[], response: RpcResponse): Failure[] {
    this.#responses.push(response);
    const results = decodeMultiResponse(response.message());
    const failures: Failure[] = [];
    let at = response.blockStart;
    for (const [order, region] of regions.entries()) {
      const result: RegionResult = results[order] ?? { results: [] };
      for (const { index, cellCount, exists, exception } of result.results) {
        if (exception !== undefined) continue;
        if (index >= this.rows.length)
          throw unreadable(
            `reading the answer to ${this.rows.length} actions: it has one for action ${index}`,
          );
        const end = skipCells(response.buffer, at, cellCount ?? 0, response.blockEnd);
        this.rows[index] = {
          buffer: response.buffer,
          start: at,
          end,
          ...(exists === undefined ? {} : { exists }),
        };
        at = end;
      }
      failures.push(...unanswered(region, result));
    }
    return failures;
  }

  #regionActions({ location, indexes }: RegionGroup): Parameters<typeof encodeMultiRequest>[0][number] {
    return {
      regionName: location.name,
      actions: indexes.map((index) => ({ index, action: this.#action(index) })),
    };
  }

  rowOf(index: number): Uint8Array {
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
export function unanswered(region: RegionGroup, result: RegionResult): Failure[] {
  const { location } = region;
  const failed = (indexes: readonly number[], exception: ActionException): Failure => ({
    indexes,
    location,
    error: actionError(location, exception),
  });
  if (result.exception !== undefined) return [failed(region.indexes, result.exception)];
  const answers = new Map(result.results.map(({ index, exception }) => [index, exception]));
  const missing = { className: 'java.io.IOException', stackTrace: 'the answer left this action out' };
  return region.indexes
    .filter((index) => !answers.has(index) || answers.get(index) !== undefined)
    .map((index) => failed([index], answers.get(index) ?? missing));
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
