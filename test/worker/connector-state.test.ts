// The connector's state machine as a table.
import { describe, expect, it } from 'vitest';
import type { Step, TargetState, TaskPhase } from '../../src/worker/control/connector-state.ts';
import { nextStep, shownTaskState } from '../../src/worker/control/connector-state.ts';

const table: readonly (readonly [TargetState, TaskPhase | 'none', Step | null])[] = [
  ['STARTED', 'none', 'start'],
  ['STARTED', 'waiting', 'start'],
  ['STARTED', 'running', null],
  ['STARTED', 'paused', 'resume'],
  ['STARTED', 'failed', null],
  ['PAUSED', 'none', null],
  ['PAUSED', 'waiting', null],
  ['PAUSED', 'running', 'pause'],
  ['PAUSED', 'paused', null],
  ['PAUSED', 'failed', null],
  ['STOPPED', 'none', null],
  ['STOPPED', 'waiting', 'stop'],
  ['STOPPED', 'running', 'stop'],
  ['STOPPED', 'paused', 'stop'],
  ['STOPPED', 'failed', 'stop'],
];

describe('the next step of a connector', () => {
  it.each(table)('towards %s from %s is %s', (target, phase, step) => {
    const task = phase === 'none' ? null : { phase, generation: 1, restartAsked: false };
    expect(nextStep({ target, generation: 1 }, task)).toBe(step);
  });

  it.each(['waiting', 'running', 'paused', 'failed'] as const)(
    'renews a %s task for a restart or a new generation, unless it is to stop',
    (phase) => {
      const asked = { phase, generation: 1, restartAsked: true };
      const old = { phase, generation: 1, restartAsked: false };
      for (const target of ['STARTED', 'PAUSED'] as const) {
        expect(nextStep({ target, generation: 1 }, asked)).toBe('renew');
        expect(nextStep({ target, generation: 2 }, old)).toBe('renew');
      }
      expect(nextStep({ target: 'STOPPED', generation: 2 }, asked)).toBe('stop');
    },
  );

  it('shows a waiting task as what it waits for', () => {
    const task = { phase: 'waiting', generation: 1, restartAsked: false } as const;
    expect(shownTaskState(task, 'STARTED')).toBe('UNASSIGNED');
    expect(shownTaskState(task, 'PAUSED')).toBe('PAUSED');
    expect(shownTaskState({ ...task, restartAsked: true }, 'STARTED')).toBe('RESTARTING');
  });
});
