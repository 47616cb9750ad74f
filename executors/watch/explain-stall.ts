// A run that nothing was heard of may have ended for a reason that somebody else knows.
import { toShape } from '../../src/core/errors.ts';
import { within } from '../../src/core/waiting/within.ts';
import type { RunSession } from '../run/run-session.ts';
import type { Verdict } from '../run/verdict.ts';

const LIMIT_MS = 3_000;

/** While Kafka is away nobody can say anything: then that is the reason. */
export async function explainStall({ executor }: RunSession, verdict: Verdict): Promise<Verdict> {
  if (verdict.kind !== 'broken' || verdict.reason.code !== 'STALLED') return verdict;
  const { clock, log } = executor;
  try {
    await within({ clock, ms: LIMIT_MS, onLimit: () => undefined }, log.ping());
    return verdict;
  } catch (error) {
    const { code, message, retriable, causes } = toShape(error);
    const reason = {
      ...verdict.reason,
      ...{ code, retriable },
      message: `${message} (${verdict.reason.message})`,
      causes,
    };
    return { ...verdict, reason };
  }
}
