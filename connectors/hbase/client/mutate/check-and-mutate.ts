// Compare-and-set of one row. After a lost answer the call is sent again: was the first one done, the condition is no longer met and
// the answer is false. Callers therefore read the row again after `false`, and make the value they compare a new one each time.
import type { CallContext, CallOptions } from '../call-context.ts';
import { budgetFor } from '../call-context.ts';
import { encodeCells } from '../wire/cell-block.ts';
import { asHBaseError, remoteError } from '../exceptions.ts';
import { decodeProcessed, encodeCheckAndMutate } from '../messages/check-and-mutate.ts';
import type { CheckAndMutate } from '../messages/check-and-mutate.ts';
import { decodeMultiResponse } from '../messages/multi.ts';
import { addressOf } from '../messages/server-name.ts';
import { regionLabel } from '../regions/region-location.ts';
import type { UsableLocation } from '../regions/region-location.ts';

const callTimeoutMs = 60_000;

/** true: the condition was met and all mutations are done. Throws HBaseError, the abort reason. */
export async function checkAndMutate(
  context: CallContext,
  table: string,
  change: CheckAndMutate,
  options: CallOptions = {},
): Promise<boolean> {
  const { row } = change.condition;
  const budget = budgetFor(context, options, `changing row ${regionLabel(Buffer.from(row))} of ${table}`);
  for (;;) {
    const location = await context.locator.locate(table, Buffer.from(row), budget, options.signal);
    try {
      return await send(context, { location, change }, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      context.locator.forget(location, asHBaseError(error));
      await budget.failed(error);
    }
  }
}

async function send(
  context: CallContext,
  { location, change }: { readonly location: UsableLocation; readonly change: CheckAndMutate },
  { signal }: CallOptions,
): Promise<boolean> {
  const call = {
    method: 'Multi',
    param: encodeCheckAndMutate(location.name, change),
    cellBlock: encodeCells(change.mutations.flatMap(({ cells }) => cells)),
    timeoutMs: callTimeoutMs,
    signal,
  };
  const response = await context.connections.call(location.server, 'ClientService', call);
  try {
    const message = response.message();
    const [region] = decodeMultiResponse(message);
    const exception = region?.exception ?? region?.results.find((result) => result.exception)?.exception;
    if (exception === undefined) return decodeProcessed(message);
    const place = { method: 'Multi', server: addressOf(location.server), region: regionLabel(location.name) };
    throw remoteError(place, { ...exception, doNotRetry: false, serverOverloaded: false });
  } finally {
    response.release();
  }
}
