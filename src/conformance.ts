// `syncline/conformance`: what every connector must do, as checks for any test runner.
export { sourceChecks } from '../connectors/conformance/source-checks.ts';
export type { Check, SourceBed } from '../connectors/conformance/source-checks.ts';
