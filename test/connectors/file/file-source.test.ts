// The file source: every line is a row, whole lines only, nothing outside what was planned.
import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileSource } from '../../../connectors/file/source-connector.ts';
import { dataTopic } from '../../../src/core/record/data-topic.ts';
import type { RowOutput, SourcePlan, SourceTask } from '../../../src/core/connector/contract.ts';
import type { DirtyRow } from '../../../src/core/record/headers.ts';
import { readRow } from '../../../src/core/record/row-format.ts';
import { openingOf } from '../../support/task-opening.ts';

interface Collected extends RowOutput {
  readonly lines: string[];
  readonly dirtyRows: DirtyRow[];
  /** Rows since the last wait, at their most. */
  mostWaiting: number;
}

function collect(): Collected {
  let waiting = 0;
  const out: Collected = {
    lines: [],
    dirtyRows: [],
    mostWaiting: 0,
    row: (bytes, keyEnd, end) => {
      expect(keyEnd).toBe(0);
      waiting += 1;
      out.mostWaiting = Math.max(out.mostWaiting, waiting);
      out.lines.push(readRow(bytes, keyEnd, end)[0]?.toString('utf8') ?? 'NULL');
    },
    dirty: (_key, row) => void out.dirtyRows.push(row),
    filtered: () => undefined,
    nulled: () => undefined,
    drained: () => {
      waiting = 0;
      return Promise.resolve();
    },
  };
  return out;
}

const never = new AbortController().signal;
const request = { base: null, mode: 'full', lagMs: 0 } as const;

describe('the file source', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'syncline-file-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const open = (more: Record<string, string> = {}): Promise<SourceTask> =>
    createFileSource(folder).openTask(openingOf({ file: 'in.txt', topic: 't', ...more }));
  const put = (content: string | Buffer): Promise<void> => writeFile(join(folder, 'in.txt'), content);
  const read = async (task: SourceTask, plan: SourcePlan): Promise<Collected> => {
    const out = collect();
    await task.readSplit({ plan, split: plan.splits[0] ?? '', out, signal: never });
    return out;
  };

  it.each([
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb', ['a', '', 'b']],
    ['\n\n', ['', '']],
    ['crlf\r\nlf\n', ['crlf', 'lf']],
    ['tab\tand\\back\n北京\n', ['tab\tand\\back', '北京']],
  ])('reads %j as lines', async (content, lines) => {
    await put(content);
    const task = await open();
    const plan = await task.plan(request);
    expect((await read(task, plan)).lines).toEqual(lines);
    expect(plan.predicted).toEqual({ rows: lines.length, exact: true });
  });

  it('reads any text of lines, also over the edges of its chunks', async () => {
    const line = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 40 }),
        fc.integer({ min: 0, max: 2 }),
        async (lines, long) => {
          const all = long === 0 ? lines : [...lines, 'x'.repeat(262_144 * long - 7), ...lines];
          await put(all.map((each) => `${each}\n`).join(''));
          const task = await open({ 'batch.size': '7' });
          const out = await read(task, await task.plan(request));
          expect(out.lines.length).toBe(all.length);
          expect(out.lines.every((each, at) => each === all[at])).toBe(true);
          expect(out.mostWaiting).toBeLessThanOrEqual(7);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('estimates the lines of a large file', async () => {
    await put('0123456789abcde\n'.repeat(50_000));
    const plan = await (await open()).plan(request);
    expect(plan.predicted.exact).toBe(false);
    expect(plan.predicted.rows).toBeGreaterThan(45_000);
    expect(plan.predicted.rows).toBeLessThan(55_000);
  });

  it('sends lines that are not UTF-8, or too long for a record, as dirty rows with their place', async () => {
    const tooLong = Buffer.alloc(dataTopic.maxBatchBytes + 1, 'x');
    await put(Buffer.concat([Buffer.from('ok\n'), Buffer.of(0xff, 0xfe, 0x0a), tooLong]));
    const task = await open();
    const out = await read(task, await task.plan(request));
    expect(out.lines).toEqual(['ok']);
    expect(out.dirtyRows).toMatchObject([
      { key: 'line 2', field: 'line', reason: 'the line is not UTF-8', bytesHex: 'fffe' },
      { key: 'line 3', reason: 'the line has 16777217 bytes, more than 16777216' },
    ]);
  });

  it('leaves out what was appended after the plan', async () => {
    await put('a\nb\n');
    const task = await open();
    const plan = await task.plan(request);
    await appendFile(join(folder, 'in.txt'), 'c\n');
    expect((await read(task, plan)).lines).toEqual(['a', 'b']);
  });

  it('fails when the file was cut, or another one lies in its place', async () => {
    await put('a\nb\n');
    const task = await open();
    const plan = await task.plan(request);
    await truncate(join(folder, 'in.txt'), 2);
    await expect(read(task, plan)).rejects.toThrow('it has 2 bytes now, and had 4');
    await writeFile(join(folder, 'other'), 'a\nb\n');
    await rename(join(folder, 'other'), join(folder, 'in.txt'));
    await expect(read(task, plan)).rejects.toThrow('another file lies in its place');
  });

  it('stops when told to', async () => {
    await put('a\n');
    const task = await open();
    const plan = await task.plan(request);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(
      task.readSplit({ plan, split: plan.splits[0] ?? '', out: collect(), signal }),
    ).rejects.toThrow('stopped');
  });

  it('refuses an incremental run, and a file that is not there', async () => {
    await put('a\n');
    await expect((await open()).plan({ ...request, mode: 'incremental' })).rejects.toMatchObject({
      code: 'NOT_YET',
    });
    await expect((await open({ file: 'none.txt' })).plan(request)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      field: 'file',
    });
  });
});
