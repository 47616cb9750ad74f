// Shapes of the looking endpoints' bodies and answers.
import { Type } from '@sinclair/typebox';
import type { TSchema } from '@sinclair/typebox';
import { ConnectorConfigBody } from './schemas.ts';

const closed = { additionalProperties: false } as const;

const source = {
  connector: Type.String({ minLength: 1, maxLength: 255, description: 'Class name of a source connector.' }),
  config: ConnectorConfigBody,
};
const namespace = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    description:
      'What the table stands in, a schema or a database; left out: where the source looks by itself.',
  }),
);
const table = Type.String({ minLength: 1, maxLength: 255 });
const rows = (most: number, standard: number): TSchema =>
  Type.Integer({ minimum: 1, maximum: most, default: standard });
const nullable = (schema: TSchema): TSchema => Type.Unsafe({ ...schema, nullable: true });

export const PlaceBody = Type.Object(source, closed);
export const NamespaceBody = Type.Object({ ...source, namespace }, closed);
export const TableBody = Type.Object({ ...source, namespace, table }, closed);
export const ColumnsBody = Type.Object({ ...source, namespace, table, rows: rows(500, 100) }, closed);
export const RowsBody = Type.Object({ ...source, namespace, table, rows: rows(100, 20) }, closed);
export const MappingBody = Type.Object({ ...source, rows: rows(100, 20) }, closed);

const Text = Type.Object({ en: Type.String(), zh: Type.String() });
const reading = {
  encoding: Type.String(),
  charset: Type.Optional(Type.String()),
  fieldType: Type.String(),
  example: Type.String(),
};
const Guess = Type.Object({
  guessed: Type.Boolean({ description: 'Always true: it is told from a sample.' }),
  sure: Type.Union([Type.Literal('likely'), Type.Literal('open')]),
  ...reading,
  reason: Text,
  alternatives: Type.Array(Type.Object(reading)),
});

export const NamespacesAnswer = Type.Object({ namespaces: Type.Array(Type.String()) });
export const TablesAnswer = Type.Object({ tables: Type.Array(Type.String()) });
export const PartsAnswer = Type.Object({
  total: Type.Integer(),
  parts: Type.Array(
    Type.Object({
      startKey: Type.String(),
      endKey: Type.String(),
      server: nullable(Type.String()),
      sizeMegabytes: nullable(Type.Number()),
    }),
  ),
});
export const ColumnsAnswer = Type.Object({
  sampledRows: Type.Integer(),
  whole: Type.Boolean(),
  key: Guess,
  columns: Type.Array(Type.Object({ column: Type.String(), coverage: Type.Number(), guess: Guess })),
});
export const RowsAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      key: Type.String(),
      cells: Type.Array(
        Type.Object({
          column: Type.String(),
          timestamp: Type.Union([Type.Number(), Type.Null()]),
          value: Type.String(),
          bytes: Type.Integer(),
        }),
      ),
    }),
  ),
});
export const MappingAnswer = Type.Object({
  problems: Type.Array(Type.String()),
  notes: Type.Array(Text),
  rows: Type.Array(
    Type.Object({
      key: Type.String(),
      outcome: Type.String(),
      values: Type.Record(Type.String(), nullable(Type.String())),
      errors: Type.Array(
        Type.Object({
          field: Type.String(),
          column: Type.String(),
          bytesHex: Type.String(),
          expected: Type.String(),
          reason: Type.String(),
          hint: Text,
        }),
      ),
    }),
  ),
});
