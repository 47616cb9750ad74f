// What the ledger would say to a job's next run, from a look at it: by the rules that begin and completion go by.
import { noRows } from './found-rows.ts';
import type { BeginOutcome, BeginRequest, LedgerLook } from './ledger.ts';
import { decideBegin } from './rules.ts';
import { trustAtEnd } from './trust-at-end.ts';
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
  asked: Pick<BeginRequest, 'digest' | 'mapping' | 'mode'>,
): Foreseen {
  const job = held === null ? null : { ...held.job, trust: held.trust };
  const state = { job, known: null, holding: null, takenBy, hasMoved: false };
  const { outcome, start } = decideBegin(state, { ...asked, job: job?.job ?? '', taskId: '', byHand: false });
  if (outcome.kind === 'table-taken') return { refusal: outcome, reads: 'everything', doubts: [] };
  if (outcome.kind === 'digest-changed') return { refusal: outcome, reads: 'increment', doubts: [] };
  if (job === null || start === null) return { refusal: null, reads: 'everything', doubts: [] };
  const { watermark } = job;
  const { trust } = start;
  const isFull = asked.mode === 'full' || start.watermark === null;
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
    lost: noRows,
    overwritten: noRows,
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
