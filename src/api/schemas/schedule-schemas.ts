// Shapes of schedules, policies and their previews.
import { Type } from '@sinclair/typebox';
import { defaultPolicy, defaultRetryMaxDelayMs } from '../../core/job.ts';
import {
  defaultMisfireGraceMs,
  defaultMisfireLimit,
  defaultMisfireWindowMs,
  defaultQueueLimit,
} from '../../core/schedule.ts';
import { CalendarName } from './calendar-schemas.ts';
import { closed, Nullable, OneOf } from './shapes.ts';

const dayMs = 24 * 3_600_000;

const Bound = (description: string) =>
  Type.String({ minLength: 10, maxLength: 19, description, examples: ['2027-01-31T02:00'] });

export const whenFields = {
  cron: Type.String({
    minLength: 1,
    maxLength: 120,
    description:
      'When it fires: cron of Quartz with seconds (0 0/5 * * * ?) or of Unix (*/5 * * * *), @yearly, @monthly, @weekly, @daily, @hourly; @every 90s at a fixed rate; @delay 90s after the end of the last run; @at 2027-01-31T02:00 once.',
    examples: ['0 0/5 * * * ?'],
  }),
  timeZone: Type.String({ minLength: 1, maxLength: 64, default: 'UTC' }),
  gap: OneOf(['run', 'skip'], {
    default: 'run',
    description:
      'A fixed time that a clock put forward leaves out: run at the first instant after it, or skip it as xxl-job does.',
  }),
  from: Type.Optional(Bound("No fire before: a day or a local time of the schedule's zone.")),
  until: Type.Optional(Bound('No fire after; a day alone ends with its last second.')),
  calendars: Type.Optional(
    Type.Array(CalendarName, {
      minItems: 1,
      maxItems: 10,
      uniqueItems: true,
      description: 'No fire, and no row, on a day that one of them has closed.',
    }),
  ),
};

export const ScheduleBody = Type.Object(
  {
    ...whenFields,
    jitterMs: Type.Integer({
      minimum: 0,
      maximum: dayMs,
      default: 0,
      description:
        'A fire may start so much later, each by another share of it, the same whenever it is asked for; less than the time between two fires.',
    }),
    overlap: OneOf(['forbid', 'queue', 'replace'], {
      default: 'forbid',
      description:
        'A fire while the last run of the job goes, on whatever machine: it is not made (forbid), waits for its turn (queue), or ends that run and takes its place (replace).',
      'x-refused': {
        parallel:
          'two runs of one job at once would fence each other in the target, whose ledger has one current run for each job; make a job for each part of the source instead',
      },
    }),
    queueLimit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: `With overlap queue: how many fires may wait for their turn; ${defaultQueueLimit} unless said.`,
        examples: [defaultQueueLimit],
      }),
    ),
    misfire: OneOf(['skip', 'once', 'all'], {
      default: 'once',
      description:
        'Of the instants that no scheduler took in time: none runs (skip), the newest runs (once), or each of them up to misfireLimit within misfireWindowMs (all).',
    }),
    misfireLimit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: `With misfire all: how many missed instants run at most, the newest; ${defaultMisfireLimit} unless said.`,
        examples: [defaultMisfireLimit],
      }),
    ),
    misfireWindowMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: 366 * dayMs,
        description: `With misfire all: how old a missed instant may be and still run; ${defaultMisfireWindowMs} unless said.`,
        examples: [defaultMisfireWindowMs],
      }),
    ),
    misfireGraceMs: Type.Integer({
      minimum: 1_000,
      maximum: dayMs,
      default: defaultMisfireGraceMs,
      description: 'An instant that is taken later than this counts as missed.',
    }),
  },
  closed,
);

export const PolicyBody = Type.Object(
  {
    timeoutMs: Type.Integer({ minimum: 1_000, maximum: 30 * dayMs, default: defaultPolicy.timeoutMs }),
    maxAttempts: Type.Integer({ minimum: 1, maximum: 100, default: defaultPolicy.maxAttempts }),
    retryDelayMs: Type.Integer({ minimum: 0, maximum: dayMs, default: defaultPolicy.retryDelayMs }),
    retryBackoff: OneOf(['constant', 'exponential'], {
      default: defaultPolicy.retryBackoff,
      description: 'The pause before each attempt: always retryDelayMs, or doubled with each.',
    }),
    retryMaxDelayMs: Type.Optional(
      Type.Integer({
        minimum: 1_000,
        maximum: dayMs,
        description: `With retryBackoff exponential: the longest pause; ${defaultRetryMaxDelayMs} unless said.`,
        examples: [defaultRetryMaxDelayMs],
      }),
    ),
    retryJitter: Type.Number({
      minimum: 0,
      maximum: 1,
      default: defaultPolicy.retryJitter,
      description: 'By what share of itself a pause may be longer.',
      examples: [0.2],
    }),
    retryOn: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        description: 'The codes of reasons that are tried again; absent: those that may pass.',
        examples: [['TARGET_FAILED', 'SOURCE_FAILED']],
      }),
    ),
    retriesPerDay: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100_000,
        description: 'How many attempts a day (UTC) may follow by themselves; absent: no bound.',
        examples: [20],
      }),
    ),
    priority: Type.Integer({
      minimum: -100,
      maximum: 100,
      default: defaultPolicy.priority,
      description: 'Runs of a higher one start first where not all can.',
    }),
    lagMs: Type.Integer({ minimum: 0, maximum: dayMs, default: defaultPolicy.lagMs }),
    stallMs: Type.Integer({ minimum: 1_000, maximum: dayMs, default: defaultPolicy.stallMs }),
    startMs: Type.Integer({ minimum: 1_000, maximum: dayMs, default: defaultPolicy.startMs }),
    dirtyLimit: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: defaultPolicy.dirtyLimit }),
  },
  { ...closed, default: {} },
);

export const TextAnswer = Type.Object({ en: Type.String(), zh: Type.String() });

export const PreviewBody = Type.Object(
  {
    ...whenFields,
    count: Type.Integer({ minimum: 1, maximum: 100, default: 10 }),
    previous: Type.Integer({
      minimum: 0,
      maximum: 100,
      default: 0,
      description: 'How many fires before now.',
    }),
  },
  closed,
);

const FiresAnswer = Type.Array(
  Type.Object({
    at: Type.Integer(),
    utc: Type.String(),
    local: Type.String({ description: "In the schedule's zone." }),
    note: Nullable(TextAnswer, { description: 'Why it is not at the time that the expression names.' }),
  }),
);

export const PreviewAnswer = Type.Object({
  words: TextAnswer,
  fires: FiresAnswer,
  closed: Type.Array(
    Type.Object({
      date: Type.String({ examples: ['2027-02-06'] }),
      calendar: Type.String(),
      name: Nullable(Type.String(), { description: 'What the calendar calls the day.' }),
    }),
    { description: 'Days up to the last of fires on which it would fire and does not, at most 100.' },
  ),
  previous: FiresAnswer,
  notes: Type.Array(TextAnswer),
});
