// Shapes of a job's parameters, what a trigger gives for them, and what its templates come to.
import { Type } from '@sinclair/typebox';
import { parameterTypes } from '../../core/template/parameter.ts';
import { closed, OneOf } from './shapes.ts';

const maxParameters = 50;
const Name = Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,62}$', examples: ['branch'] });

export const ParametersBody = Type.Array(
  Type.Object(
    {
      name: Name,
      type: OneOf(parameterTypes, { default: 'text' }),
      default: Type.Optional(
        Type.String({
          maxLength: 1_000,
          description: 'Absent: a trigger must give it, so the job has no schedule.',
          examples: ['north'],
        }),
      ),
      description: Type.Optional(Type.String({ maxLength: 1_000 })),
    },
    closed,
  ),
  {
    maxItems: maxParameters,
    default: [],
    description:
      'What ${…} in the source’s configuration may name, beside window.from, window.to, fire.time and business.date.',
  },
);

export const GivenParameters = Type.Record(
  Name,
  Type.Union([Type.String({ maxLength: 1_000 }), Type.Number(), Type.Boolean()]),
  { maxProperties: maxParameters, additionalProperties: false, examples: [{ branch: 'north' }] },
);

const Instant = Type.String({ examples: ['2027-01-31T02:00:00Z'], maxLength: 40 });

export const TemplatePreviewBody = Type.Object(
  {
    at: Type.Optional(
      Type.String({
        ...Instant,
        description: 'As if it fired then; absent: its next fire, or now.',
      }),
    ),
    parameters: Type.Optional(GivenParameters),
  },
  closed,
);

export const TemplatePreviewAnswer = Type.Object({
  plannedAt: Type.Integer(),
  values: Type.Array(
    Type.Object({ name: Type.String(), type: OneOf(parameterTypes), value: Type.String() }),
    { description: 'What templates may name, and what it would be.' },
  ),
  configs: Type.Object({
    source: Type.Record(Type.String(), Type.String(), { description: 'Keys that templates change, filled.' }),
  }),
  problems: Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
});
