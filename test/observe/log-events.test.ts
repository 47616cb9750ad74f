// The event log: which events are written, and how PUT /admin/loggers/root changes that while the process runs.
import { expect, it } from 'vitest';
import { createEventLog } from '../../src/observe/log-events.ts';

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
