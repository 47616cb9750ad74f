// `syncline/connector`: all that the author of a connector imports. What it means: connectors/README.md.
export { CONTRACT_VERSION } from './core/connector/contract.ts';
export type {
  CheckStep,
  ConnectorPlugin,
  PlanRequest,
  RowOutput,
  SourcePlan,
  SourcePlugin,
  SourceTask,
  TaskOpening,
} from './core/connector/contract.ts';
export { defineSource } from './core/connector/define.ts';
export type { SourceDefinition } from './core/connector/define.ts';
export { defineSqlTarget } from '../connectors/sql/target/define-sql-target.ts';
export type {
  OwnSqlConfig,
  SqlTargetDefinition,
  TablePlace,
  TableWriter,
} from '../connectors/sql/target/sql-target.ts';
export type { Refusal, SqlDialect } from '../connectors/sql/target/dialect.ts';
export type { SqlRow, SqlSession, SqlValue } from '../connectors/sql/target/session.ts';
export type { Column, Fit, KeyColumn, TableShape } from '../connectors/sql/target/table-shape.ts';
export { validOf } from '../connectors/sql/target/value-checks.ts';
export { readTableSink, tableSinkKeys } from './core/connector/table-sink-config.ts';
export { quoteIdentifier, quoteStandard } from './core/connector/sql-identifier.ts';
export { defineDocumentTarget } from './core/connector/document/define-document-target.ts';
export type {
  DocumentPlace,
  DocumentTargetDefinition,
} from './core/connector/document/define-document-target.ts';
export type { DocumentRow } from './core/connector/document/document-unit.ts';
export {
  choice,
  complain,
  config,
  flag,
  list,
  oneOf,
  parsed,
  secret,
  text,
  whole,
} from './core/connector/config.ts';
export type { Config, Key, Refuse, ValueOf } from './core/connector/config.ts';
export type { ConnectorConfig } from './core/connector/config-def.ts';
export { runCheckSteps } from './core/connector/check-steps.ts';
export { parseFieldType } from './core/connector/field-type.ts';
export type { Field, FieldType, RowSchema } from './core/connector/field-type.ts';
export { createRowWriter } from './core/record/row-writer.ts';
export type { RowWriter } from './core/record/row-writer.ts';
export { ByteWriter } from './core/record/row-format.ts';
export type { Followed } from './core/deletes.ts';
export { BEGINNING } from './core/position.ts';
export type { Position, Positions } from './core/position.ts';
export { SyncError } from './core/errors.ts';
export type { ErrorCode } from './core/errors.ts';
export type { Clock } from './core/clock.ts';
export { doubling, retry } from './core/waiting/retry.ts';
export type { Text } from './core/text.ts';
