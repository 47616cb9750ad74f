// What a REST poll of the two connectors says of the watched run.
import type { ConnectorPoll, ConnectorsPoll } from './poll-connectors.ts';
import type { Verdict } from '../run/verdict.ts';
import { broken, brokenConnector } from '../run/verdict.ts';
import type { Side, Step, WatchRules, WatchState } from './watch-state.ts';
import { end, stay } from './watch-state.ts';

/** A connector stopped again after so many resumes is somebody's will, not a restarted worker. */
const MAX_RESUMES = 5;
/** One poll may miss a connector while a cluster reads its own topics again. */
const MISSING_LIMIT = 2;

export function reducePoll(
  rules: WatchRules,
  state: WatchState,
  input: { readonly poll: ConnectorsPoll },
): Step {
  const { poll } = input;
  const seen = see(state, poll);
  for (const side of ['source', 'sink'] as const) {
    const verdict = judge(rules, side, { poll: poll[side], missing: seen[side].missing });
    if (verdict !== null) return end(seen, verdict);
  }
  const restarted =
    poll.incarnation !== null && state.incarnation !== null && poll.incarnation !== state.incarnation;
  if (restarted && rules.logKind === 'memory')
    return end(seen, broken('WORKER_LOST', 'the worker restarted, and its record log died with it'));
  const stopped = (['source', 'sink'] as const).some(
    (side) => poll[side].state === 'STOPPED' && seen[side].stage !== 'end',
  );
  if (!restarted && !(stopped && state.resumes < MAX_RESUMES)) return stay(seen);
  const line = restarted ? 'the worker restarted: connectors resumed' : 'connectors found stopped: resumed';
  return stay(
    { ...seen, resumes: state.resumes + 1 },
    { kind: 'say', level: 'warn', line },
    { kind: 'resume' },
  );
}

function see(state: WatchState, poll: ConnectorsPoll): WatchState {
  const side = (name: Side): WatchState[Side] => ({
    ...state[name],
    connector: poll[name].state,
    missing: poll[name].exists ? 0 : state[name].missing + 1,
  });
  return {
    ...state,
    source: side('source'),
    sink: side('sink'),
    incarnation: poll.incarnation ?? state.incarnation,
    unreachable: null,
  };
}

function judge(
  rules: WatchRules,
  side: Side,
  seen: { readonly poll: ConnectorPoll; readonly missing: number },
): Verdict | null {
  const { poll } = seen;
  const name = rules.names[side];
  if (seen.missing >= MISSING_LIMIT)
    return broken('CONNECTOR_GONE', `connector ${name} was deleted during the run`);
  if (poll.exists && poll.taskId !== rules.runId)
    return broken('FENCED', `connector ${name} belongs to run ${poll.taskId ?? 'of nobody'} now`);
  if (poll.failure !== null) return brokenConnector(poll.failure);
  return null;
}
