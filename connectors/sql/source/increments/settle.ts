// Waiting until no smaller number can turn up: numbers are given out in order, and committed in any.
import type { Clock } from '../../../../src/core/clock.ts';
import type { Text } from '../../../../src/core/text.ts';
import type { OpenTransactions, SourceSession } from '../dialect.ts';

const pollMs = 250;

/**
 * Until all transactions that were open at `from` (µs, the server's clock) have ended, and there is none of which nobody knows whether
 * it was; where that can't be asked, or some last longer, for the lag, by our own clock: that of a replica stands still where nothing is written. Returns what is in doubt then.
 */
export async function settle(
  session: SourceSession,
  {
    from,
    lagMs,
    clock,
    signal,
  }: { readonly from: number; readonly lagMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<readonly Text[]> {
  const until = clock.monotonic() + lagMs;
  for (;;) {
    const open = await session.openTransactions();
    if (open.kind === 'known' && (open.oldest === null || open.oldest > from)) return [];
    const left = until - clock.monotonic();
    if (left <= 0) return doubtsOf(open);
    await clock.sleep(Math.min(pollMs, left), signal);
  }
}

function doubtsOf({ kind }: OpenTransactions): readonly Text[] {
  if (kind === 'unknown') return [];
  return [kind === 'undated' ? stillUndated : stillOpen];
}

/** Why a replica's own transactions are no answer. */
export const ofReplica: Text = {
  en: 'the server is a replica, which does not tell of transactions that are open on its primary: the lag must exceed the longest one, and the time until the replica has it',
  zh: '该服务器是副本，无法得知其主库上未提交的事务：延迟（lag）必须大于最长的事务加上复制所需的时间',
};

/** Without time and name: a job keeps it among what is in doubt until a full run, once for all runs that say so. */
const stillOpen: Text = {
  en: 'a transaction was open longer than the lag: rows that it commits with smaller numbers are seen by a full run only; raise the lag above the longest transaction',
  zh: '有事务未提交的时间超过延迟（lag）：它提交的较小编号的行只在全量运行时可见；请将延迟设为大于最长的事务',
};

const stillUndated: Text = {
  en: 'a prepared transaction of which nobody can tell when it began was open longer than the lag: rows that it commits with smaller numbers are seen by a full run only; end prepared transactions, or raise the lag above the longest',
  zh: '有已预提交、无法得知开始时间的事务，其未提交的时间超过延迟（lag）：它提交的较小编号的行只在全量运行时可见；请结束已预提交的事务，或将延迟设为大于最长的事务',
};
