// What an executor concludes of a going run: a pure function from one input to the next state.
//
//  statuses ─┐                                  ┌─► look       read the ledger now
//  polls    ─┤                                  ├─► resume     the connectors stand stopped: set them going again
//  offsets  ─┤
//  ledger   ─┼─► reduceWatch(rules, state, in) ─┼─► say        a line for the run's log
//  ticks    ─┤                                  └─► state.verdict, once: it absorbs everything after it
//  cancel   ─┘
//
// Only the ledger makes a run succeed; statuses and polls are reasons to look into it, or to end the run otherwise. Where the sink
// keeps none, the offsets that it commits end the run as delivered.
import type { LedgerRun } from '../../src/core/ledger/ledger.ts';
import { broken, brokenFor } from '../run/verdict.ts';
import { reducePoll } from './watch-poll.ts';
import { reduceHandover } from './watch-handover.ts';
import type { Step, WatchInput, WatchRules, WatchState } from './watch-state.ts';
import { end, stay } from './watch-state.ts';
import { reduceStatus } from './watch-status.ts';
import { reduceTick } from './watch-tick.ts';

export function reduceWatch(rules: WatchRules, state: WatchState, input: WatchInput): Step {
  if (state.verdict !== null) return { state, actions: [] };
  switch (input.kind) {
    case 'status':
      return reduceStatus(rules, state, input);
    case 'poll':
      return reducePoll(rules, state, input);
    case 'poll-failed':
      return stay({ ...state, unreachable: input.message });
    case 'handover':
      return reduceHandover(state, input);
    case 'ledger':
      return reduceLedger(state, input.run, input.at);
    case 'records-lost':
      return end(state, broken(input.code, input.message));
    case 'log-changed':
      return end(state, broken('WORKER_LOST', 'the record log is another one than this run began on'));
    case 'end':
      return end(state, brokenFor(input.reason));
    case 'tick':
      return reduceTick(rules, state, input.at);
  }
}

function reduceLedger(state: WatchState, run: LedgerRun | null, at: number): Step {
  if (run === null)
    return end(state, broken('FENCED', 'the target knows this run no more: a newer one began'));
  if (run.state === 'complete') {
    const lastEndAt = state.sink.stage === 'end' ? state.lastEndAt : at;
    return end({ ...taken(state, run, at), lastEndAt }, { kind: 'complete', run });
  }
  if (run.state === 'aborted')
    return end(state, broken('FENCED', 'the run was aborted in the target by somebody else'));
  return stay(taken(state, run, at));
}

/** Numbers of the ledger; that they moved is a sign of life of the sink. */
function taken(state: WatchState, run: LedgerRun, at: number): WatchState {
  const { written, dirty, deleted, removed, skipped } = run.counts;
  const moved =
    written !== state.counts.written || dirty !== state.counts.dirty || deleted !== state.counts.deleted;
  return {
    ...state,
    counts: {
      ...state.counts,
      written: written ?? state.counts.written,
      dirty: dirty ?? state.counts.dirty,
      deleted: deleted ?? state.counts.deleted,
      removed: removed ?? state.counts.removed,
      skipped: skipped ?? state.counts.skipped,
    },
    window: run.plan?.window ?? state.window,
    splits: { total: run.plan?.splits ?? state.splits.total, ended: state.splits.ended },
    sink: moved ? { ...state.sink, lifeAt: at } : state.sink,
  };
}
