// What passing time says of the watched run: no run goes on for ever, and no lost message hides an end.
import { counted } from '../../src/core/text.ts';
import { broken } from '../run/verdict.ts';
import type { Side, Step, WatchRules, WatchState } from './watch-state.ts';
import { end, stay } from './watch-state.ts';

/** The ledger is read so often when all looks done, … */
const LOOK_DONE_MS = 3_000;
/** … and so often while the sink is silent. */
const LOOK_SILENT_MS = 10_000;

/** Ticks come every second; a gap longer than this is a sleep of this process, during which it heard nobody. */
const SLEEP_MS = 5_000;

export function reduceTick(rules: WatchRules, before: WatchState, at: number): Step {
  if (at - before.startedAt >= rules.timeoutMs)
    return end(before, broken('TIMED_OUT', `still running after ${rules.timeoutMs / 1_000} s`));
  const state = awaken(before, at);
  for (const side of ['source', 'sink'] as const) {
    const why = stallOf(rules, state, side, at);
    if (why !== null)
      return end(state, broken(state.unreachable === null ? 'STALLED' : 'CONNECT_UNREACHABLE', why));
  }
  return isLookDue(rules, state, at) ? stay({ ...state, lookedAt: at }, { kind: 'look' }) : stay(state);
}

/** What this process slept is not held against the connectors. */
function awaken(state: WatchState, at: number): WatchState {
  const sleptMs = at - state.tickedAt > SLEEP_MS ? at - state.tickedAt : 0;
  const wake = (side: Side): WatchState[Side] => ({ ...state[side], lifeAt: state[side].lifeAt + sleptMs });
  return { ...state, tickedAt: at, source: wake('source'), sink: wake('sink') };
}

function stallOf(rules: WatchRules, state: WatchState, side: Side, at: number): string | null {
  const { stage, lifeAt, connector } = state[side];
  // A side that said `end` owes nothing more; both ended without a complete ledger is the sink's stall.
  if (stage === 'end' && (side === 'source' || rules.epoch === null)) return null;
  const limitMs = stage === 'silent' ? rules.startMs : rules.stallMs;
  if (at - lifeAt < limitMs) return null;
  const { handover } = state;
  const took =
    handover === null
      ? ''
      : `, which had taken ${handover.committed} of ${counted(handover.sent, 'record')},`;
  const what = {
    silent: 'said no start',
    start: 'gave no sign of life',
    processing: 'gave no sign of life',
    end: 'said end, but the target has shown the run incomplete',
  }[stage];
  const where = state.unreachable ?? `connector state ${connector ?? 'unknown'}`;
  return `the ${side}${side === 'sink' ? took : ''} ${what} for ${limitMs / 1_000} s (${rules.names[side]}: ${where})`;
}

function isLookDue(rules: WatchRules, state: WatchState, at: number): boolean {
  if (rules.epoch === null) return false;
  const { total, ended } = state.splits;
  const looksDone = state.sink.stage === 'end' || (total !== null && ended === total);
  if (looksDone) return at - state.lookedAt >= LOOK_DONE_MS;
  return at - state.lookedAt >= LOOK_SILENT_MS && at - state.sink.lifeAt >= LOOK_SILENT_MS;
}
