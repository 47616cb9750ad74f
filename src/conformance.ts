// `syncline/conformance`: what every connector must do, as checks for any test runner.
export { sourceChecks } from '../connectors/conformance/source-checks.ts';
export type { SourceBed } from '../connectors/conformance/source-checks.ts';
export { documentTargetChecks, sqlTargetChecks } from '../connectors/conformance/target/target-checks.ts';
export type { DocumentTargetBed } from '../connectors/conformance/target/document-checks.ts';
export type { SqlTargetBed } from '../connectors/conformance/target/target-bed.ts';
export type { Check } from '../connectors/conformance/check.ts';
