// What the offsets that a sink without a ledger commits say of the watched run.
import type { Text } from '../../src/core/text.ts';
import type { Handover } from './watch-state.ts';
import type { Step, WatchAction, WatchState } from './watch-state.ts';
import { end, stay } from './watch-state.ts';

export interface HandoverInput {
  readonly at: number;
  readonly handover: Handover;
  readonly isAllSent: boolean;
}

/** One with nothing before it owes nothing; otherwise that its offsets move is its sign of life. */
export function reduceHandover(state: WatchState, { at, handover, isAllSent }: HandoverInput): Step {
  const { sent, committed } = handover;
  const moved = committed !== (state.handover?.committed ?? 0);
  const lives = moved || committed === sent;
  const { stage, connector } = state.sink;
  const goes = connector === 'RUNNING' || moved;
  const entered = committed > 0 ? 'processing' : 'start';
  const next = stage === 'end' || !goes ? stage : entered;
  const known: WatchState = {
    ...state,
    handover,
    sink: {
      ...state.sink,
      stage: next,
      started: state.sink.started || goes,
      lifeAt: lives || next !== stage ? at : state.sink.lifeAt,
    },
  };
  const lines: readonly WatchAction[] =
    next === stage ? [] : [{ kind: 'say', level: 'info', line: `sink: ${next}` }];
  if (!isAllSent || committed < sent) return stay(known, ...lines);
  const notes = { ...known.notes, sink: [handed(committed)] };
  return end({ ...known, notes, lastEndAt: at }, { kind: 'delivered' }, ...lines);
}

function handed(records: number): Text {
  return {
    en: `records that the sink took: all ${records} of this run, by the offsets that it committed`,
    zh: `按目标端提交的位移，本次运行的 ${records} 条记录已全部由其取走`,
  };
}
