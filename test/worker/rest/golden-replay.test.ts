// Replays the 338 recorded steps of a real Connect 4.3.1 worker against ours.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/core/errors.ts';
import { LAST_TO } from '../../../src/worker/source/kept-plan.ts';
import type { TaskEvents, TaskStart } from '../../../src/worker/control/task-host.ts';
import { numberPositions } from '../../fakes/number-positions.ts';
import type { TestWorker } from '../test-worker.ts';
import { startTestWorker } from '../test-worker.ts';
import type { Compared, GoldenStep } from './golden-step.ts';
import { loadGoldenSteps, otherKind, ourAnswer, recordedAnswer, sourcePartition } from './golden-step.ts';
import { intendedDifferences } from './intended-differences.ts';
import type { RawAnswer } from './send-raw.ts';
import { sendRaw } from './send-raw.ts';

const PATIENCE_MS = 2_000;
const { commit, steps } = loadGoldenSteps();

describe('the recorded steps of Connect 4.3.1', () => {
  let test: TestWorker;
  let hostPort: string;

  beforeAll(async () => {
    test = await startTestWorker({ commit, filePositions: numberPositions });
    hostPort = new URL(test.worker.url).host;
    await mkdir(join(test.folder, 'golden'));
    await writeFile(join(test.folder, 'golden/g-in.txt'), 'line one\nline two\nline three\n');
    test.host.onStart = (task, events) => runTask(test, task, events);
  });
  afterAll(() => test.close());

  it.each(steps.map((step) => [step.n, step.note, step] as const))('%i %s', async (_n, _note, step) => {
    const recorded = recordedAnswer(step);
    const expected = intendedDifferences.get(step.n)?.ours(recorded) ?? recorded;
    if (step.request.method !== 'GET') await settled(test.worker.url);
    expect(await answerLike(expected, step)).toEqual(expected);
  });

  it('covers every step, and says where it differs', () => {
    const differing = steps.filter(({ n }) => intendedDifferences.has(n)).map(({ n }) => n);
    expect([...intendedDifferences.keys()].sort((a, b) => a - b)).toEqual(differing);
    for (const step of steps.filter(({ n }) => intendedDifferences.has(n))) {
      const recorded = recordedAnswer(step);
      expect(intendedDifferences.get(step.n)?.ours(recorded), `step ${step.n} does not differ`).not.toEqual(
        recorded,
      );
    }
    expect({ steps: steps.length, same: steps.length - differing.length }).toEqual({ steps: 338, same: 303 });
  });

  /** The recorder waited for states between steps; a read is repeated until it says what is expected. */
  async function answerLike(expected: Compared, step: GoldenStep): Promise<Compared> {
    const deadline = Date.now() + (step.request.method === 'GET' ? PATIENCE_MS : 0);
    for (;;) {
      const ours = ourAnswer(step, await sendStep(test.worker.url, step), hostPort);
      if (Date.now() >= deadline || JSON.stringify(ours) === JSON.stringify(expected)) return ours;
      if (sameAnswer(ours, expected)) return ours;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
});

function sameAnswer(a: Compared, b: Compared): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

function sendStep(url: string, { request }: GoldenStep): Promise<RawAnswer> {
  const headers: Record<string, string> = {};
  if (request.body !== undefined) headers['Content-Type'] = 'application/json';
  for (const [name, value] of Object.entries(request.headers ?? {}))
    if (value === null) Reflect.deleteProperty(headers, name);
    else headers[name] = value;
  const body = typeof request.body === 'string' ? request.body : JSON.stringify(ourNames(request.body));
  return sendRaw(url, {
    method: request.method,
    path: request.path,
    headers,
    ...(request.body === undefined ? {} : { body }),
  });
}

/** FileStream's partitions under our name for them. */
function ourNames(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(ourNames);
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) =>
      key === 'filename'
        ? ['connector', sourcePartition(value)]
        : key === 'position'
          ? [key, otherKind(value)]
          : [key, ourNames(value)],
    ),
  );
}

/** No connector or task is on its way to another state. */
async function settled(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { text } = await sendRaw(url, { method: 'GET', path: '/connectors?expand=status' });
    if (!/"(UNASSIGNED|RESTARTING)"/.test(text) || Date.now() > deadline) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const notJson = {
  error: shapeOf('ROW_INVALID', 'the value is not JSON'),
  trace: 'ROW_INVALID: the value is not JSON',
};

/** What the recorded tasks did that is seen in answers: positions of g-src and g-sink, the failure of g-bad. */
async function runTask(test: TestWorker, task: TaskStart, events: TaskEvents): Promise<void> {
  const { connector, plugin, config } = task;
  if (connector === 'g-src' && plugin.type === 'source') await test.notes.write(connector, LAST_TO, '27');
  if (connector === 'g-bad') setTimeout(() => events.onFailed(notJson), 1);
  if (connector !== 'g-sink' || plugin.type !== 'sink') return;
  const ledger = await plugin.openLedger(config);
  const begun = await ledger.begin({
    job: 'connect:g-sink',
    taskId: 'g-sink',
    digest: '',
    mode: 'full',
    byHand: true,
  });
  if (begun.kind !== 'begun') throw new Error(begun.kind);
  const store = await plugin.openStore(config, task.signal);
  const key = { job: 'connect:g-sink', epoch: begun.epoch };
  const position = { topic: 'g-topic', partition: 0, next: 6, logIncarnation: 'log' };
  await store.transaction((tx) => tx.addPartition(key, position));
}
