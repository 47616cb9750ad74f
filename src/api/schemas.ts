// Shapes of the admin API's bodies and answers; the OpenAPI document is made of them.
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { runStates } from '../core/run.ts';
import { PolicyBody, ScheduleBody, TextAnswer } from './schemas/schedule-schemas.ts';
import { GivenParameters, ParametersBody } from './schemas/parameter-schemas.ts';
import { OwnedInterval } from './schemas/interval-schemas.ts';
import { PlaceBody, WaitsForAnswer } from './schemas/limit-schemas.ts';
import { StepOutcomes, StepsBody } from './schemas/step-schemas.ts';
import { closed, Nullable, OneOf } from './schemas/shapes.ts';

/** Flat text to text; names are checked against the connector's own definition later. */
export const ConnectorConfigBody = Type.Record(
  Type.String({ pattern: '^(?!__proto__$|constructor$|prototype$).{1,255}$' }),
  Type.String(),
  { additionalProperties: false, maxProperties: 1_000 },
);

const ConnectorBody = Type.Object(
  { connector: Type.String({ minLength: 1, maxLength: 255 }), config: ConnectorConfigBody },
  closed,
);

const SinkBody = Type.Object(
  {
    ...ConnectorBody.properties,
    cluster: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description:
          "Name of the Connect cluster that has the sink; absent: the job's. On a cluster that is not of Syncline's workers the sink is any that the cluster has, and runs are delivered, not proved.",
      }),
    ),
  },
  closed,
);

export const Mode = OneOf(['full', 'incremental']);

/** No blanks and commas: labels stand in queries. */
export const Label = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[\\p{L}\\p{N}._:/-]+$',
  examples: ['team:orders'],
});

export const JobBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    description: Type.String({ maxLength: 2_000, default: '' }),
    group: Nullable(Label, { default: null, description: 'Under which it is shown and chosen.' }),
    labels: Type.Array(Label, { maxItems: 32, uniqueItems: true, default: [] }),
    parameters: ParametersBody,
    source: ConnectorBody,
    sink: SinkBody,
    schedule: Nullable(ScheduleBody, { default: null }),
    mode: OneOf(['full', 'incremental'], { default: 'incremental' }),
    cluster: Type.String({ minLength: 1, maxLength: 64, default: 'default' }),
    policy: PolicyBody,
    steps: Type.Optional(StepsBody),
    webhook: Nullable(Type.String({ maxLength: 2_000 }), { default: null }),
  },
  closed,
);

export const JobAnswer = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  paused: Type.Boolean(),
  pausedUntil: Nullable(Type.Integer(), { description: 'It fires again from then on by itself.' }),
  pauseReason: Nullable(Type.String()),
  deleting: Type.Boolean({ description: 'Its deletion was begun: it neither fires nor changes any more.' }),
  nextFireAt: Nullable(Type.Integer()),
  createdAt: Type.Integer(),
  updatedAt: Type.Integer(),
  places: Type.Array(Type.Object(PlaceBody.properties), {
    description: 'What its runs take up while they go: limits can be set on these.',
  }),
  spec: JobBody,
});

export const JobHeadAnswer = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    version: Type.Integer(),
    paused: Type.Boolean(),
    deleting: Type.Boolean(),
    unreadable: Nullable(Type.String(), { description: 'Why its specification can not be opened.' }),
  },
  { description: 'A job whose specification can not be opened: it can be replaced by PUT, and deleted.' },
);

export const DeleteQuery = Type.Object(
  {
    force: Type.Boolean({
      default: false,
      description:
        'Deletes the job although its connectors or ledger rows can not be removed; they are left and named.',
    }),
  },
  closed,
);
export const DeletedAnswer = Type.Object({
  runs: Type.Integer(),
  left: Type.Array(
    Type.Object({ what: Type.Object({ en: Type.String(), zh: Type.String() }), reason: Type.String() }),
  ),
});

export const RetryBody = Type.Object(
  {
    version: OneOf(['newest', 'same'], {
      default: 'newest',
      description: 'Of the job: as it is now, or as it was in the run that is tried again.',
    }),
    mode: Type.Optional(Mode),
  },
  closed,
);

export const SavedJobAnswer = Type.Object({
  ...JobAnswer.properties,
  notes: Type.Array(TextAnswer, { description: 'What could not be looked at when it was saved.' }),
});

export const RunAnswer = Type.Object({
  id: Type.String(),
  jobId: Type.String(),
  jobVersion: Type.Integer(),
  plannedAt: Type.Integer(),
  instants: Nullable(Type.Object({ first: Type.Integer(), last: Type.Integer(), count: Type.Integer() }), {
    description: 'The planned instants that a skipped row stands for; null: its own alone.',
  }),
  interval: OwnedInterval,
  attempt: Type.Integer(),
  trigger: Type.Object({ kind: Type.String() }, { additionalProperties: true }),
  mode: Mode,
  parameters: Type.Record(Type.String(), Type.String(), { description: 'What the trigger gave.' }),
  cluster: Nullable(Type.String(), { description: 'The Connect cluster chosen by the trigger.' }),
  executor: Nullable(Type.String(), { description: 'The executor chosen by the trigger.' }),
  state: Type.String(),
  waitsFor: WaitsForAnswer,
  createdAt: Type.Integer(),
  startedAt: Nullable(Type.Integer()),
  endedAt: Nullable(Type.Integer()),
  owner: Nullable(Type.String()),
  cancelRequested: Type.Boolean(),
  epoch: Nullable(Type.Integer()),
  reason: Nullable(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      field: Type.Optional(Type.String()),
      place: Type.Optional(Type.String()),
      retriable: Type.Boolean({ description: 'Another attempt may do.' }),
      causes: Type.Array(Type.String()),
      hint: Type.Object({ en: Type.String(), zh: Type.String() }),
    }),
  ),
  report: Nullable(Type.Object({}, { additionalProperties: true })),
});

export const TriggerBody = Type.Object(
  {
    mode: Type.Optional(Mode),
    parameters: Type.Optional(GivenParameters),
    cluster: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "Name of the Connect cluster that has the run's connectors; absent: the job's.",
      }),
    ),
    executor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'Name of the executor that takes the run (GET /executors); absent: any.',
      }),
    ),
  },
  closed,
);

const Position = Type.String({
  minLength: 1,
  maxLength: 255,
  description:
    "A place in the source's changes, as the source writes it: a time as 2025-11-25T01:00:00.000Z, a number, …",
});
export const WatermarkAnswer = Type.Object({ watermark: Nullable(Position), epoch: Type.Integer() });
export const WatermarkBody = Type.Object(
  {
    watermark: Nullable(Position),
    reason: Type.String({ minLength: 1, maxLength: 1_000 }),
    confirm: Type.String({ description: "The job's name, typed once more." }),
  },
  closed,
);

const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

export const PageQuery = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
    before: Type.Optional(
      Type.String({ pattern: uuid, description: 'The id of the last entry of the page before this one.' }),
    ),
  },
  closed,
);

export const JobListQuery = Type.Object(
  { ...PageQuery.properties, group: Type.Optional(Label), label: Type.Optional(Label) },
  closed,
);

export const PauseBody = Type.Object(
  {
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    until: Type.Optional(
      Type.String({
        pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-]\\d\\d:\\d\\d)$',
        description: 'An instant: it fires again from then on by itself.',
        examples: ['2027-01-31T02:00:00+08:00'],
      }),
    ),
  },
  closed,
);

export const AuditQuery = Type.Object(
  { ...PageQuery.properties, before: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$' })) },
  closed,
);

export const RunListQuery = Type.Object(
  {
    ...PageQuery.properties,
    jobId: Type.Optional(Type.String({ pattern: uuid })),
    state: Type.Optional(OneOf(runStates)),
  },
  closed,
);

export const LogQuery = Type.Object(
  {
    after: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 200 }),
  },
  closed,
);

export const IdParams = Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }) }, closed);

export const CheckQuery = Type.Object({ job: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) });

export const CheckAnswer = Type.Object({
  ok: Type.Boolean(),
  sides: Type.Array(
    Type.Object({
      side: Type.String(),
      steps: Type.Array(
        Type.Object({
          name: Type.String(),
          ok: Type.Boolean(),
          detail: Type.String(),
          code: Type.Optional(Type.String()),
          hint: Type.Optional(TextAnswer),
          doubts: Type.Optional(Type.Array(TextAnswer)),
          tookMs: Type.Number(),
        }),
      ),
    }),
  ),
});

export const ProblemsAnswer = Type.Object({
  ok: Type.Boolean(),
  notes: Type.Array(TextAnswer),
  problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
});

export type PauseBody = Static<typeof PauseBody>;
export type JobBody = Static<typeof JobBody>;
export type Id = Static<typeof IdParams>;

const open = { additionalProperties: true } as const;

export const ReportAnswer = Type.Object({
  runId: Type.String(),
  state: Type.String(),
  interval: OwnedInterval,
  reason: RunAnswer.properties.reason,
  report: Nullable(
    Type.Object(
      {
        outcome: Type.String({
          description:
            'proved: the ledger shows every row of the window in the target. delivered: handed over, not proved; notProved says why. not-complete: neither.',
        }),
        window: Nullable(Type.Object({}, open), { description: 'What was read: [from, to).' }),
        counts: Type.Object({}, { ...open, description: 'Rows; null is unknown.' }),
        steps: Type.Optional(StepOutcomes),
        notProved: Type.Array(TextAnswer),
        notes: Type.Array(TextAnswer),
      },
      open,
    ),
    { description: 'null: nothing is known yet.' },
  ),
});

export const LogAnswer = Type.Object({
  lines: Type.Array(
    Type.Object({
      seq: Type.Integer({ description: 'For after, of the next request.' }),
      at: Type.Integer({ description: 'Milliseconds since 1970.' }),
      level: Type.String(),
      message: Type.String(),
    }),
  ),
});

export const AuditAnswer = Type.Object({
  entries: Type.Array(
    Type.Object({
      id: Type.String(),
      at: Type.Integer(),
      actor: Type.String(),
      action: Type.String(),
      object: Type.String(),
      detail: Type.String(),
    }),
  ),
});
