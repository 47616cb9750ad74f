// The steps of a job: before it is saved without I/O but a look-up of hosts, and by the check of a job, which logs in and runs nothing.
import { runCheckSteps } from '../../core/connector/check-steps.ts';
import type { CheckStep } from '../../core/connector/contract.ts';
import type { JobSpec } from '../../core/job.ts';
import { refusalOf } from '../../core/network/check-hosts.ts';
import { everyStep, noSteps, type HttpStep, type SqlStep } from '../../core/steps/job-steps.ts';
import { connectionOfStep } from '../../core/steps/step-connection.ts';
import type { ApiParts } from '../api-parts.ts';
import { problemOfName, problemOfText } from '../plain-text.ts';
import type { SpecProblem } from '../spec-problem.ts';

/** All problems at once, of steps that have their fields (step-shapes.ts). */
export async function checkSteps(spec: JobSpec, parts: ApiParts): Promise<readonly SpecProblem[]> {
  const steps = everyStep(spec.steps ?? noSteps);
  const problems: SpecProblem[] = [];
  for (const [field, step] of steps) {
    const before = steps.find(([, { name }]) => name === step.name)?.[0];
    if (before !== undefined && before !== field)
      problems.push({
        field: `${field}.name`,
        message: `${before} has that name already; write another one`,
      });
    const ofName = problemOfName(step.name);
    if (ofName !== null) problems.push({ field: `${field}.name`, message: ofName });
    problems.push(
      ...(step.kind === 'sql'
        ? await checkSql(field, step, { spec, parts })
        : await checkHttp(field, step, parts)),
    );
  }
  return problems;
}

interface Checking {
  readonly spec: JobSpec;
  readonly parts: ApiParts;
}

async function checkSql(
  field: string,
  step: SqlStep,
  { spec, parts }: Checking,
): Promise<readonly SpecProblem[]> {
  const { sqlConnections, refuseAddress } = parts;
  const { connection, statements } = step;
  const config = connectionOfStep(step, spec);
  const at = `${field}.connection`;
  if (typeof connection === 'string' && !('connection.url' in config))
    return [
      {
        field: at,
        message: `the job's ${connection} has no connection.url: statements run on SQL databases only; write {"connection.url": "jdbc:…", …}`,
      },
    ];
  const refused = statements.flatMap((text, n) => {
    const message = text.trim() === '' ? 'is blank; remove it' : sqlConnections.refuse(config, text);
    return message === null ? [] : [{ field: `${field}.statements.${n}`, message }];
  });
  const found = sqlConnections.validate(config);
  // What is wrong with a side is said of the side.
  const problems = typeof connection === 'string' ? [] : found;
  if (found.length > 0)
    return [
      ...refused,
      ...problems.map(({ key, message }) => ({ field: `${at}.${key}`, message })),
      ...(problems.length > 0 || typeof connection !== 'string'
        ? []
        : [
            {
              field: at,
              message: `the job's ${connection}: ${found.map(({ message }) => message).join(' · ')}`,
            },
          ]),
    ];
  const refusals = await Promise.all(
    sqlConnections.hosts(config).map((host) => refusalOf(host, refuseAddress.connector)),
  );
  return [...refused, ...refusals.flatMap((message) => (message === null ? [] : [{ field: at, message }]))];
}

async function checkHttp(
  field: string,
  { method = 'POST', url, headers = {}, body }: HttpStep,
  { refuseAddress }: ApiParts,
): Promise<readonly SpecProblem[]> {
  const texts = Object.entries(headers).flatMap(([name, value]) => {
    const problem = /^[\t\x20-\x7e]*$/.test(value) ? null : 'holds what no header can: write printable ASCII';
    return problem === null ? [] : [{ field: `${field}.headers.${name}`, message: problem }];
  });
  const ofBody = body === undefined ? null : problemOfText(body);
  const more = [
    ...texts,
    ...(ofBody === null ? [] : [{ field: `${field}.body`, message: ofBody }]),
    ...(method === 'GET' && body !== undefined
      ? [{ field: `${field}.body`, message: 'a GET has no body; remove it, or write "method": "POST"' }]
      : []),
  ];
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || (target.protocol !== 'https:' && target.protocol !== 'http:'))
    return [...more, { field: `${field}.url`, message: 'is not an http or https URL' }];
  const refusal = await refusalOf(target.hostname, refuseAddress.webhook);
  return refusal === null ? more : [...more, { field: `${field}.url`, message: `its ${refusal}` }];
}

/** For the check of a job. An HTTP call is looked at and not made: it would do what it does. */
export async function tryConnections(
  spec: JobSpec,
  { sqlConnections }: ApiParts,
): Promise<readonly CheckStep[]> {
  const tried: CheckStep[] = [];
  for (const [, step] of everyStep(spec.steps ?? noSteps)) {
    const found = await runCheckSteps(async (check) => {
      await check(step.name, async () => {
        if (step.kind === 'http') return { detail: 'its host may be reached; it is not called', value: null };
        await sqlConnections.test(connectionOfStep(step, spec));
        return { detail: 'logged in; no statement was run', value: null };
      });
    });
    tried.push(...found);
  }
  return tried;
}
