// Shapes of schedules, policies and their previews.
import { Type } from '@sinclair/typebox';
import { defaultPolicy } from '../../core/job.ts';
import {
  defaultMisfireGraceMs,
  defaultMisfireLimit,
  defaultMisfireWindowMs,
  defaultQueueLimit,
} from '../../core/schedule.ts';
import { closed, Nullable, OneOf } from './shapes.ts';

const dayMs = 24 * 3_600_000;

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
};

export const ScheduleBody = Type.Object(
  {
    ...whenFields,
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
  previous: FiresAnswer,
  notes: Type.Array(TextAnswer),
});
