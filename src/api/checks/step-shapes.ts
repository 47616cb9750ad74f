// Which fields a step of each kind has: looked at before anything else reads a step.
import { everyStep, noSteps, type JobSteps } from '../../core/steps/job-steps.ts';
import type { SpecProblem } from '../spec-problem.ts';

const own = { sql: ['connection', 'statements'], http: ['method', 'url', 'headers', 'body'] } as const;
const needed = {
  sql: { connection: 'sink', statements: ['DELETE FROM staging'] },
  http: { url: 'https://example.org/refresh' },
} as const;

/** What belongs to the other kind, and what its kind needs. */
export function checkStepShapes(steps: JobSteps = noSteps): readonly SpecProblem[] {
  return everyStep(steps).flatMap(([field, step]) => {
    const other = step.kind === 'sql' ? 'http' : 'sql';
    const strange = own[other].filter((key) => key in step);
    const missing = Object.entries(needed[step.kind]).filter(([key]) => !(key in step));
    return [
      ...strange.map((key) => ({
        field: `${field}.${key}`,
        message: `is for a step of kind ${other}, this one is ${step.kind}; remove it`,
      })),
      ...missing.map(([key, example]) => ({
        field: `${field}.${key}`,
        message: `is missing: a step of kind ${step.kind} needs it, for example ${JSON.stringify(example)}`,
      })),
    ];
  });
}
