// Events → log lines: the only place with wording and levels. A healthy run logs two info lines. JSON, UTC; on a terminal as a
// person reads them.
import { pino } from 'pino';
import type { DestinationStream, Level, LevelWithSilent } from 'pino';
import type { Emit, SynclineEvent } from '../core/events.ts';
import { describeError } from '../core/errors.ts';
import type { RunCounts } from '../core/status.ts';
import { counted } from '../core/text.ts';
import { readableLine } from './readable-line.ts';

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
  const logger = pino(options, destination ?? defaultDestination());
  return {
    emit: (event) => {
      const line = lineOf(event);
      logger[line.level](line.fields, line.message);
    },
    setLevel: (to) => void (logger.level = to),
  };
}

function defaultDestination(): DestinationStream {
  if (process.stderr.isTTY)
    return { write: (line) => void process.stderr.write(readableLine(line, process.stderr.hasColors())) };
  return pino.destination({ dest: 2, sync: true });
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
        message: `${event.service} waits for ${counted(event.runs, 'run')}; Ctrl-C again ends at once`,
        fields: {},
      };
    case 'service.failed':
      return failed(event.service, event.error);
    case 'request.failed':
      return failed(event.request, event.error);
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
        message: `${event.job}: run ${event.to}`,
        fields: { job: event.job, jobId: event.jobId, runId: event.runId },
      };
    case 'run.ended':
      return lineOfEnd(event);
    case 'run.note':
      return { level: 'debug', message: event.message, fields: { jobId: event.jobId, runId: event.runId } };
    case 'run.progress':
    case 'retention.swept':
      return { level: 'debug', message: event.type, fields: fieldsOf(event) };
    case 'task.failed':
      return warn(event, `task of ${event.connector} failed: ${event.code}`);
    case 'lease.lost':
      return warn(event, `run ${event.runId} was taken over by another executor`);
    case 'config.ignored':
      return warn(event, `${event.connector}: keys without effect: ${event.keys.join(', ')}`);
    case 'config.repaired':
      return warn(event, `${event.connector}: configuration repaired: ${event.repairs.join('; ')}`);
    case 'webhook.failed':
      return warn(event, `webhook of run ${event.runId} not delivered: ${event.error}`);
  }
}

function failed(what: string, error: unknown): Line {
  return { level: 'error', message: `${what} failed`, fields: { error: describeError(error) } };
}

type EndedEvent = SynclineEvent & { readonly type: 'run.ended' };

function lineOfEnd({ job, jobId, runId, state, reason, report, next }: EndedEvent): Line {
  const fine = state === 'succeeded' || state === 'skipped' || state === 'cancelled';
  const { outcome, counts, tookMs } = report ?? {};
  const rows = counts === undefined ? [] : countsInWords(counts);
  const words = [
    ...(state === 'succeeded' ? [outcome] : reason === null ? [] : [`${reason.code}: ${reason.message}`]),
    ...(rows.length === 0 ? [] : [rows.join(', ')]),
    ...(typeof tookMs === 'number' ? [`${(tookMs / 1_000).toFixed(1)} s`] : []),
    ...(next === null ? [] : [`attempt ${next.attempt} in ${Math.round(next.inMs / 1_000)} s`]),
  ];
  return {
    level: fine ? 'info' : 'error',
    message: `${job ?? `job ${jobId}`}: run ${state} – ${words.join(' · ')}`,
    fields: { job, jobId, runId, state, outcome, code: reason?.code, counts },
  };
}

/** Those that are known, and are not nothing beside what was read and written. */
function countsInWords(counts: RunCounts): readonly string[] {
  return Object.entries(counts)
    .filter(([name, count]) => count !== null && (count > 0 || name === 'read' || name === 'written'))
    .map(([name, count]) => `${name} ${count}`);
}

function warn(event: SynclineEvent, message: string): Line {
  return { level: 'warn', message, fields: fieldsOf(event) };
}

function fieldsOf(event: SynclineEvent): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== 'type'));
}
