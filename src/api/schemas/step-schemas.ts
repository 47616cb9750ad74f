// Shapes of the steps around a sync, and of what became of them.
import { Type } from '@sinclair/typebox';
import { defaultStepLimitMs } from '../../core/steps/job-steps.ts';
import { closed, Nullable, OneOf } from './shapes.ts';

// One object for both kinds, so that defaults are filled in; what belongs to the other kind is refused by check-steps.ts.
const everyStep = {
  kind: OneOf(['sql', 'http']),
  name: Type.String({ minLength: 1, maxLength: 64, description: 'Unique in the job.', examples: ['stage'] }),
  timeLimitMs: Type.Integer({ minimum: 1_000, maximum: 24 * 3_600_000, default: defaultStepLimitMs }),
  onUnknown: OneOf(['fail', 'repeat'], {
    default: 'fail',
    description:
      'Where nobody knows what became of it, for its executor died in it: the run fails and says so, or it is run once more. Say repeat of a step that may run twice.',
  }),
  connection: Type.Optional(
    Type.Union(
      [
        OneOf(['source', 'sink']),
        Type.Record(
          Type.String({ pattern: '^connection\\.[a-z.]{1,64}$' }),
          Type.String({ maxLength: 100_000 }),
          { additionalProperties: false, maxProperties: 10 },
        ),
      ],
      {
        description:
          "Of sql: that of the job's source or sink, or connection.url, connection.user and connection.password of another database.",
        examples: ['sink'],
      },
    ),
  ),
  statements: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 100_000 }), {
      minItems: 1,
      maxItems: 50,
      description: 'Of sql: one after another, each committed by itself.',
      examples: [['DELETE FROM staging']],
    }),
  ),
  method: Type.Optional(
    OneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], { description: 'Of http; POST unless said.' }),
  ),
  url: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_000,
      description:
        'Of http; a secret behind its host. Answered 200 to 299 the step succeeded; redirects are not followed.',
      examples: ['https://example.org/refresh'],
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }),
      Type.String({ maxLength: 8_000 }),
      { additionalProperties: false, maxProperties: 50, description: 'Of http; their values are secrets.' },
    ),
  ),
  body: Type.Optional(Type.String({ maxLength: 100_000, description: 'Of http; a secret.' })),
};

const PreStep = Type.Object(everyStep, closed);
const PostStep = Type.Object(
  {
    ...everyStep,
    when: OneOf(['success', 'failure', 'always'], {
      default: 'success',
      description: 'After which end of the run; any but a success is a failure.',
    }),
  },
  closed,
);

const list = { maxItems: 20, default: [] };

export const StepsBody = Type.Object(
  {
    pre: Type.Array(PreStep, {
      ...list,
      description:
        'Before the sync, in this order. One that fails fails the run, and nothing of the sync begins.',
    }),
    post: Type.Array(PostStep, {
      ...list,
      description:
        'After it, in this order. One that fails is said, and changes nothing of how the run ended.',
    }),
  },
  closed,
);

export const StepOutcomes = Type.Array(
  Type.Object({
    phase: OneOf(['pre', 'post']),
    name: Type.String(),
    state: OneOf(['going', 'succeeded', 'failed']),
    tookMs: Nullable(Type.Integer(), { description: 'null: it goes, or nobody knows.' }),
    reason: Nullable(Type.Object({}, { additionalProperties: true }), { description: 'Why it failed.' }),
  }),
  { description: 'What became of the steps, in the order in which they were begun.' },
);
