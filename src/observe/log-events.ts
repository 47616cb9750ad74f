// Events → log lines (JSON, UTC): the only place with wording and levels. A healthy run logs two info lines.
import { pino } from 'pino';
import type { DestinationStream, Level, LevelWithSilent } from 'pino';
import type { Emit, SynclineEvent } from '../core/events.ts';
import { describeError } from '../core/errors.ts';

interface Line {
  readonly level: Level;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface EventLog {
  readonly emit: Emit;
  /** From now on; `silent` writes nothing. */
  readonly setLevel: (level: LevelWithSilent) => void;
}

/** `destination`: where the lines go; standard error unless a test wants them. */
export function createEventLog(level: Level, destination?: DestinationStream): EventLog {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger = pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
  return {
    emit: (event) => {
      const line = lineOf(event);
      logger[line.level](line.fields, line.message);
    },
    setLevel: (to) => void (logger.level = to),
  };
}

function lineOf(event: SynclineEvent): Line {
  switch (event.type) {
    case 'service.started':
      return { level: 'info', message: `${event.service} started: ${event.detail}`, fields: {} };
    case 'service.stopped':
      return { level: 'info', message: `${event.service} stopped`, fields: {} };
    case 'service.waiting':
      return {
        level: 'info',
        message: `${event.service} waits for ${event.runs === 1 ? '1 run' : `${event.runs} runs`}; Ctrl-C again ends at once`,
        fields: {},
      };
    case 'service.failed':
      return {
        level: 'error',
        message: `${event.service} failed`,
        fields: { error: describeError(event.error) },
      };
    case 'request.failed':
      return {
        level: 'error',
        message: `${event.request} failed`,
        fields: { error: describeError(event.error) },
      };
    case 'job.unreadable':
      return {
        level: 'error',
        message: `job ${event.name} can't be read and does not fire: ${event.reason}`,
        fields: { jobId: event.jobId },
      };
    case 'token.refused':
      return {
        level: 'warn',
        message: `wrong admin token from ${event.address} (${event.tries} in a minute)`,
        fields: {},
      };
    case 'fires.claimed':
      return { level: 'debug', message: 'fires claimed', fields: fieldsOf(event) };
    case 'run.state':
      return {
        level: event.to === 'running' ? 'info' : 'debug',
        message: `run ${event.to}`,
        fields: { jobId: event.jobId, runId: event.runId },
      };
    case 'run.ended':
      return {
        level:
          event.state === 'succeeded' || event.state === 'skipped' || event.state === 'cancelled'
            ? 'info'
            : 'error',
        message: `run ${event.state}: ${event.message}`,
        fields: { jobId: event.jobId, runId: event.runId, code: event.code },
      };
    case 'run.note':
      return { level: 'debug', message: event.message, fields: { jobId: event.jobId, runId: event.runId } };
    case 'run.progress':
    case 'retention.swept':
      return { level: 'debug', message: event.type, fields: fieldsOf(event) };
    case 'task.failed':
      return { level: 'warn', message: `task of ${event.connector} failed`, fields: fieldsOf(event) };
    case 'lease.lost':
    case 'config.ignored':
    case 'config.repaired':
    case 'webhook.failed':
      return { level: 'warn', message: event.type, fields: fieldsOf(event) };
  }
}

function fieldsOf(event: SynclineEvent): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'type'));
}
