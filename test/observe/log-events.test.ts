// The event log: which events are written, and how PUT /admin/loggers/root changes that while the process runs.
import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../src/core/errors.ts';
import type { SynclineEvent } from '../../src/core/events.ts';
import { noCounts } from '../../src/core/status.ts';
import { createEventLog } from '../../src/observe/log-events.ts';
import { readableLine } from '../../src/observe/readable-line.ts';

it('writes what its level lets through, and another level from the moment it is set', () => {
  const lines: string[] = [];
  const log = createEventLog('info', { write: (line) => void lines.push(line) });
  const note = (message: string): void => log.emit({ type: 'run.note', jobId: 'j', runId: 'r', message });
  note('too fine');
  log.setLevel('debug');
  note('wanted');
  log.setLevel('error');
  log.emit({ type: 'service.stopped', service: 'api' });
  log.setLevel('silent');
  log.emit({ type: 'service.failed', service: 'api', error: new Error('unheard') });
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['wanted']);
});

type Ended = SynclineEvent & { type: 'run.ended' };

function ended(change: Partial<Ended>): Ended {
  const ids = { job: 'orders', jobId: 'j', runId: 'r' };
  return { type: 'run.ended', ...ids, state: 'succeeded', reason: null, report: null, next: null, ...change };
}

function logged(event: SynclineEvent): { msg: string; level: number } {
  const lines: string[] = [];
  createEventLog('info', { write: (line) => void lines.push(line) }).emit(event);
  return JSON.parse(lines[0] ?? '{}') as { msg: string; level: number };
}

describe('the line of a run that ended', () => {
  const report = {
    outcome: 'proved',
    counts: { ...noCounts, read: 1_000, written: 998, dirty: 2, removed: 0 },
    tookMs: 2_140,
  } as Ended['report'];

  it('names job, outcome, counts and time', () => {
    expect(logged(ended({ report }))).toMatchObject({
      msg: 'orders: run succeeded – proved · read 1000, written 998, dirty 2 · 2.1 s',
      level: 30,
    });
  });

  it('names the reason of a failure, and what follows', () => {
    const reason = shapeOf('TARGET_UNREACHABLE', 'connect ECONNREFUSED 10.0.0.7:3306');
    const next = { attempt: 2, inMs: 10_000 };
    expect(logged(ended({ state: 'failed', reason, next }))).toMatchObject({
      msg: 'orders: run failed – TARGET_UNREACHABLE: connect ECONNREFUSED 10.0.0.7:3306 · attempt 2 in 10 s',
      level: 50,
    });
  });
});

it('says on a shutdown what it waits for, and how not to', () => {
  const waiting = (runs: number): string =>
    logged({ type: 'service.waiting', service: 'executor', runs }).msg;
  expect(waiting(1)).toBe('executor waits for 1 run; Ctrl-C again ends at once');
  expect(waiting(3)).toBe('executor waits for 3 runs; Ctrl-C again ends at once');
});

describe('a line for a terminal', () => {
  it('has time, level and words, and a trace below them', () => {
    const time = '2026-01-02T03:04:05.678Z';
    const local = new Date(time).toLocaleTimeString('en-GB');
    const line = JSON.stringify({ level: 50, time, error: 'INTERNAL: x\n    at y', msg: 'api failed' });
    expect(readableLine(line, false)).toBe(`${local} ERROR api failed\n    INTERNAL: x\n        at y\n`);
    expect(readableLine(line, true)).toContain('\u001b[31mERROR\u001b[0m');
  });

  it('is given as it is when it is none', () => {
    expect(readableLine('no JSON\n', false)).toBe('no JSON\n');
  });
});
