// vitest's global setup of the suites on real services: provides the endpoints as `stack`, or null.
//
//   SYNCLINE_TEST_STACK=<folder>   use the stack that runs there, and leave it up
//   SYNCLINE_REQUIRE_REAL=1        a stack that can't be had is a failure, not a reason to skip
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { missingTools } from '../../src/stack/missing-tools.ts';
import { readProcess } from '../../src/stack/process-record.ts';
import type { ServiceName, StackEndpoints } from '../../src/stack/stack-endpoints.ts';
import { findStackPlace, type StackPlace } from '../../src/stack/stack-place.ts';
import { readStack, startStack, stopStack } from '../../src/stack/stack.ts';

const required = ['kafka', 'hbase', 'mariadb', 'redis', 'postgresql'] as const;

export type TestStack = StackEndpoints<(typeof required)[number]>;

declare module 'vitest' {
  export interface ProvidedContext {
    /** null when the machine lacks a tool: `describe.skipIf(inject('stack') === null)` */
    stack: TestStack | null;
  }
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env['SYNCLINE_TEST_STACK'];
  if (running !== undefined) {
    project.provide('stack', useRunning(resolve(running)));
    return undefined;
  }
  const services: readonly ServiceName[] = [...required, 'connect'];
  const place = findStackPlace(process.env);
  const missing = missingTools(services, place.cacheDir);
  if (missing.length > 0) {
    const line = `no real services: not installed: ${missing.join('; ')}`;
    if (process.env['SYNCLINE_REQUIRE_REAL'] === '1') throw new Error(line);
    say(`${line}; the suites that need them are skipped`);
    project.provide('stack', null);
    return undefined;
  }
  return await startOwn(project, place, services);
}

/** One without Kafka Connect will do: the suites that need it are skipped then. */
function useRunning(dir: string): TestStack {
  const { endpoints } = readStack(dir);
  const absent = required.filter((name) => endpoints[name] === undefined);
  if (absent.length > 0)
    throw new Error(`the stack in SYNCLINE_TEST_STACK does not run ${absent.join(', ')}`);
  return endpoints as TestStack;
}

async function startOwn(
  project: TestProject,
  place: StackPlace,
  services: readonly ServiceName[],
): Promise<() => Promise<void>> {
  await removeOrphans(place.stacksDir);
  const dir = join(place.stacksDir, ownName());
  await startStack({ services, dir, cacheDir: place.cacheDir, onProgress: say });
  project.provide('stack', readStack(dir).endpoints as TestStack);
  return () => removeStack(dir);
}

// A folder's name says which process it belongs to, so that the next run can clear up after one that was killed.
function ownName(): string {
  return `test-${process.pid}-${readProcess(process.pid)?.startTicks ?? 0}`;
}

async function removeOrphans(stacksDir: string): Promise<void> {
  for (const name of existsSync(stacksDir) ? readdirSync(stacksDir) : []) {
    const [, pid, startTicks] = /^test-(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || readProcess(Number(pid))?.startTicks === Number(startTicks)) continue;
    say(`removing the stack of a test run that was killed: ${name}`);
    await removeStack(join(stacksDir, name));
  }
}

async function removeStack(dir: string): Promise<void> {
  await stopStack(dir);
  rmSync(dir, { recursive: true, force: true });
  say(`${basename(dir)}: stopped`);
}

function say(line: string): void {
  process.stderr.write(`[stack] ${line}\n`);
}
