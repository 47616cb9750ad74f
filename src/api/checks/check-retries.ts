// What a policy says of attempts, and would have no effect: refused when the job is saved.
import { errorCodes, isErrorCode } from '../../core/errors.ts';
import type { RunPolicy } from '../../core/job.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { SpecProblem } from '../spec-problem.ts';

/** Ends that are no failures, and one that is always tried again. */
const neverNamed: readonly string[] = ['CANCELLED', 'EXECUTOR_STOPPED', 'FENCED', 'MISFIRE', 'OVERLAP'];

export function checkRetries(policy: RunPolicy): readonly SpecProblem[] {
  const { maxAttempts, retryBackoff, retryDelayMs, retryMaxDelayMs, retryOn = [] } = policy;
  const problems = retryOn.flatMap((code, at) => problemOfCode(code, at));
  if (maxAttempts === 1) problems.push(...ofOneAttempt(policy));
  else if (retryMaxDelayMs !== undefined && retryBackoff === 'constant')
    problems.push({
      field: 'policy.retryMaxDelayMs',
      message: `${retryMaxDelayMs} has no effect with retryBackoff constant: remove it, or write "retryBackoff": "exponential"`,
    });
  else if (retryMaxDelayMs !== undefined && retryMaxDelayMs < retryDelayMs)
    problems.push({
      field: 'policy.retryMaxDelayMs',
      message: `${retryMaxDelayMs} is less than retryDelayMs, ${retryDelayMs}: write at least that`,
    });
  return problems;
}

function problemOfCode(code: string, at: number): SpecProblem[] {
  const field = `policy.retryOn.${at}`;
  if (!isErrorCode(code)) {
    const nearest = nearestName(code, errorCodes) ?? '';
    return [{ field, message: `${JSON.stringify(code)} is no error code; the most like it is ${nearest}` }];
  }
  if (!neverNamed.includes(code)) return [];
  const what =
    code === 'EXECUTOR_STOPPED' ? 'is tried again in any case' : 'is no failure, so nothing is tried again';
  return [{ field, message: `${code} ${what}: remove it` }];
}

function ofOneAttempt(policy: RunPolicy): SpecProblem[] {
  const given = {
    retryBackoff: policy.retryBackoff === 'constant' ? undefined : policy.retryBackoff,
    retryMaxDelayMs: policy.retryMaxDelayMs,
    retryJitter: policy.retryJitter === 0 ? undefined : policy.retryJitter,
    retryOn: policy.retryOn,
    retriesPerDay: policy.retriesPerDay,
  };
  return Object.entries(given).flatMap(([field, value]) =>
    value === undefined
      ? []
      : [
          {
            field: `policy.${field}`,
            message: `${JSON.stringify(value)} has no effect with maxAttempts 1: remove it, or write "maxAttempts": 3`,
          },
        ],
  );
}
