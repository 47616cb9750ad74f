// What the ledger would say to a job's next run, from a look at it: by the rules that begin and completion go by.
import type { BeginOutcome, BeginRequest, LedgerLook } from './ledger.ts';
import { trustAtBegin, trustAtEnd } from './target-trust.ts';
import type { Text } from '../text.ts';

export type Refusal = Extract<BeginOutcome, { kind: 'digest-changed' | 'table-taken' }>;

export interface Foreseen {
  /** Why the run would not begin; null: it would. */
  readonly refusal: Refusal | null;
  /** Where it would begin to read. */
  readonly reads: 'everything' | 'everything again' | 'increment';
  /** What keeps it from being proved, as far as the ledger knows. */
  readonly doubts: readonly Text[];
}

export function foresee(
  { held, takenBy }: LedgerLook,
  { digest, mapping, mode }: Pick<BeginRequest, 'digest' | 'mapping' | 'mode'>,
): Foreseen {
  const none = { refusal: null, doubts: [] };
  if (takenBy !== null)
    return { ...none, refusal: { kind: 'table-taken', by: takenBy }, reads: 'everything' };
  if (held === null) return { ...none, reads: 'everything' };
  const { job } = held;
  const digestChanged = job.epoch > 0 && job.digest !== digest;
  if (digestChanged && mode !== 'full')
    return { ...none, refusal: { kind: 'digest-changed', stored: job.digest }, reads: 'increment' };
  const { watermark } = job;
  const isFull = mode === 'full' || digestChanged || watermark === null;
  const trust = trustAtBegin(held.trust, mapping, { watermark, digestChanged });
  // Which deletes are followed, the source's plan says; the rows of the run are still to come.
  const run = {
    window: { from: isFull ? null : watermark, to: watermark },
    follows: null,
    sourceMark: null,
    witnesses: trust.witnesses,
    filled: trust.filled,
    tableMark: null,
    said: [],
    lacks: false,
    lost: 0,
    overwritten: 0,
    dirty: 0,
    refused: [],
    closed: new Set<string>(),
  };
  return {
    refusal: null,
    reads: isFull ? 'everything again' : 'increment',
    doubts: trustAtEnd(trust, run).doubts,
  };
}
