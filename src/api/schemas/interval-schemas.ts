// Shapes of data intervals.
import { Type } from '@sinclair/typebox';
import { closed, Nullable, OneOf } from './shapes.ts';

const borders = {
  from: Nullable(Type.Integer(), { description: 'The fire before; null: there is none.' }),
  to: Type.Integer({ description: 'The fire itself.' }),
};

export const OwnedInterval = Nullable(Type.Object(borders), {
  description:
    'The time [from, to) that its fire owns, kept by its retries; null: a run by hand, or of a fixed delay.',
});

export const Instant = (description: string, example: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,3})?)?(Z|[+-]\\d\\d:\\d\\d)$',
    description,
    examples: [example],
  });

export const IntervalQuery = Type.Object(
  {
    from: Type.Optional(Instant('Fires after it; absent: since the job was made.', '2027-01-01T00:00:00Z')),
    to: Type.Optional(Instant('Fires up to it; absent: up to now.', '2027-02-01T00:00:00Z')),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'The newest so many fires.' }),
  },
  closed,
);

export const intervalFields = {
  ...borders,
  state: OneOf(['done', 'going', 'failed', 'skipped', 'missed'], {
    description:
      'done: an attempt succeeded. skipped: its row says why it did not run. missed: there is no row, for the job was paused or not made then, or the row was swept.',
  }),
  fires: Type.Integer({
    description: 'How many fires it holds; more than one only of skipped and missed ones.',
  }),
  attempts: Type.Integer(),
  reruns: Type.Integer({ description: 'Attempts that were made when one had succeeded already.' }),
  lateMs: Nullable(Type.Integer(), { description: 'How long after its time the first attempt began.' }),
  late: Type.Boolean({ description: 'Later than misfireGraceMs.' }),
};
