// Shapes of acts on several jobs at once.
import { Type } from '@sinclair/typebox';
import type { Static } from '@sinclair/typebox';
import { Label, Mode, PauseBody } from '../schemas.ts';
import { GivenParameters } from './parameter-schemas.ts';
import { closed, OneOf } from './shapes.ts';

/** Jobs that one batch acts on at most. */
export const maxBatch = 500;

export const SelectBody = Type.Object(
  {
    ids: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }), {
        minItems: 1,
        maxItems: maxBatch,
        uniqueItems: true,
      }),
    ),
    group: Type.Optional(Label),
    label: Type.Optional(Label),
  },
  {
    ...closed,
    minProperties: 1,
    description: 'Which jobs: all that is given must hold.',
    examples: [{ group: 'orders' }],
  },
);

const acts = ['pause', 'resume', 'trigger', 'delete'] as const;

export const BatchPreviewBody = Type.Object({ act: OneOf(acts), select: SelectBody }, closed);

export const BatchBody = Type.Object(
  {
    ...BatchPreviewBody.properties,
    digest: Type.String({
      pattern: '^[0-9a-f]{16}$',
      description:
        'From the preview: refused where other jobs, or other versions of them, would be hit by now.',
    }),
    ...PauseBody.properties,
    mode: Type.Optional(Mode),
    parameters: Type.Optional(GivenParameters),
    force: Type.Optional(
      Type.Boolean({ description: 'Of delete: leave behind what can not be reached, and name it.' }),
    ),
  },
  closed,
);

const Hit = Type.Object({ id: Type.String(), name: Type.String(), version: Type.Integer() });

export const BatchPreviewAnswer = Type.Object({
  jobs: Type.Array(
    Type.Object({
      ...Hit.properties,
      effect: Type.Object({ en: Type.String(), zh: Type.String() }),
      changes: Type.Boolean({ description: 'false: the act leaves it as it is.' }),
    }),
  ),
  digest: Type.String({ description: 'To send with the act.' }),
});

export const BatchAnswer = Type.Object({
  done: Type.Integer(),
  jobs: Type.Array(
    Type.Object({
      ...Hit.properties,
      ok: Type.Boolean(),
      runId: Type.Optional(Type.String()),
      error: Type.Optional(
        Type.Object({ code: Type.String(), message: Type.String(), field: Type.Optional(Type.String()) }),
      ),
    }),
  ),
});

export type SelectBody = Static<typeof SelectBody>;
export type BatchBody = Static<typeof BatchBody>;
export type BatchAct = (typeof acts)[number];
