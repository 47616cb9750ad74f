// Shapes of limits, and of what a queued run waits for.
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { limitKinds } from '../../core/planning/limit.ts';
import { TextAnswer } from './schedule-schemas.ts';
import { closed, Nullable, OneOf } from './shapes.ts';

export const PlaceBody = Type.Object(
  {
    kind: OneOf(limitKinds),
    name: Type.String({
      minLength: 1,
      maxLength: 255,
      description:
        "Of a source or target: a host as the configurations of jobs name it, or the connector's class where it dials none; of a label: the label.",
      examples: ['db.example.org'],
    }),
  },
  closed,
);

export const LimitBody = Type.Object(
  {
    ...PlaceBody.properties,
    max: Type.Integer({
      minimum: 0,
      maximum: 100_000,
      description: 'Runs at a time, on all executors together; 0: none starts.',
      examples: [4],
    }),
  },
  closed,
);

export const LimitAnswer = Type.Object({
  ...LimitBody.properties,
  going: Type.Integer({ description: 'Runs that go; more than max for a while after it was lowered.' }),
});

export const LimitsAnswer = Type.Object({
  limits: Type.Array(LimitAnswer),
  places: Type.Array(Type.Object(PlaceBody.properties), {
    description: 'What the jobs of now take up, at most 1,000: what a limit can be set on.',
  }),
});

export const SavedLimitAnswer = Type.Object({ ...LimitBody.properties, notes: Type.Array(TextAnswer) });

export const WaitsForAnswer = Nullable(
  Type.Object({
    kind: OneOf(['time', 'turn', 'limit', 'executor']),
    until: Type.Optional(Type.Integer({ description: 'Of time.' })),
    runId: Type.Optional(Type.String({ description: 'Of turn: the run of the job that goes.' })),
    limit: Type.Optional(LimitAnswer),
    name: Type.Optional(Nullable(Type.String(), { description: 'Of executor: the one that was chosen.' })),
    text: TextAnswer,
  }),
  { description: 'What a queued run waits for at this moment; null: it is not queued.' },
);

export type LimitBody = Static<typeof LimitBody>;
export type PlaceBody = Static<typeof PlaceBody>;
export type WaitsForAnswer = Static<typeof WaitsForAnswer>;
