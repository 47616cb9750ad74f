// What a source writes towards a sink that is not ours: rows, and nothing that it would take for one.
import { expect, it } from 'vitest';
import { runSourceTask } from '../../../src/worker/source/source-task.ts';
import type { RowOutput, SourcePlugin } from '../../../src/core/connector/contract.ts';
import { createMemoryLog } from '../../../src/log/memory/memory-log.ts';
import { createSplitSource, createTaskBed } from '../../support/task-bed.ts';

const config = { 'pkuse.task.id': 'run', 'end.marker': 'record', 'value.format': 'json' };

/** One split that gives what `give` gives. */
function sourceOf(give: (out: RowOutput) => void): SourcePlugin {
  const source = createSplitSource({ splits: 1 });
  return {
    ...source,
    openTask: async (...of) => ({
      ...(await source.openTask(...of)),
      readSplit: ({ out }) => {
        give(out);
        return Promise.resolve();
      },
    }),
  };
}

it('a row that can not be converted ends the run in words: such a sink would store it as a row', async () => {
  const { log } = createMemoryLog({ maxBytes: 1_000_000 });
  const source = sourceOf((out) => {
    out.dirty(Buffer.from('k7'), { key: 'k7', field: 'text', reason: "'x' is no number", bytesHex: '' });
  });
  await expect(runSourceTask(source, createTaskBed({ log, config }).context)).rejects.toMatchObject({
    code: 'DIRTY_LIMIT',
    message: expect.stringMatching(/k7.*text.*'x' is no number.*not Syncline's/) as string,
  });
});
