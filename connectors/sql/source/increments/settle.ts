// Waiting until no smaller number can turn up: numbers are given out in order, and committed in any.
import type { Clock } from '../../../../src/core/clock.ts';
import type { Text } from '../../../../src/core/text.ts';
import type { SourceSession } from '../dialect.ts';
import { instantText } from './time-text.ts';

const pollMs = 250;

/**
 * Until all transactions that were open at `from` (µs, the server's clock) have ended; where that can't be asked, or some last longer,
 * for the lag. Returns what is in doubt then.
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
  for (;;) {
    const open = await session.openTransactions();
    if (open.kind === 'known' && (open.oldest === null || open.oldest > from)) return [];
    const left = lagMs - ((await session.now()).micros - from) / 1000;
    if (left <= 0) return open.kind === 'known' ? [stillOpen(open.oldest ?? from)] : [];
    await clock.sleep(Math.min(pollMs, Math.ceil(left)), signal);
  }
}

function stillOpen(oldest: number): Text {
  const since = instantText(oldest);
  return {
    en: `a transaction has been open since ${since}, longer than the lag: rows that it commits with smaller numbers are seen by a full run only; raise the lag above the longest transaction`,
    zh: `有事务自 ${since} 起未提交，时间超过延迟（lag）：它提交的较小编号的行只在全量运行时可见；请将延迟设为大于最长的事务`,
  };
}
