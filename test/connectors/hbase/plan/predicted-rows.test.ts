// How many rows a full read is said to find, over a client that counts as it is told.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { predictRows } from '../../../../connectors/hbase/plan/predicted-rows.ts';
import type { PredictionContext } from '../../../../connectors/hbase/plan/predicted-rows.ts';
import { wholeTable } from '../../../../connectors/hbase/client/key-range.ts';
import { freeSlots } from '../../../fakes/free-slots.ts';
import { english } from '../../../support/english.ts';

const megabyte = 1024 * 1024;
type CountRows = PredictionContext['client']['countRows'];

function predict(
  count: 'estimate' | 'exact',
  countRows: CountRows,
  more: Partial<PredictionContext> & { readonly bytes?: number } = {},
) {
  const { bytes = 500 * megabyte, ...context } = more;
  const servers = [{ host: 'h', port: 1 }];
  return predictRows(
    {
      client: { countRows },
      config: {
        table: 'default:t',
        rows: { ranges: [wholeTable], text: '' },
        cluster: { zookeeper: { servers } },
        count,
        scannersPerServer: 2,
      },
      slots: freeSlots,
      clock: systemClock,
      limitMs: 30_000,
      signal: new AbortController().signal,
      ...context,
    },
    { estimate: 950_000, bytes },
  );
}

const counting: CountRows = () => Promise.resolve({ rows: 1_000_000, exact: true });
const refusing: CountRows = () => Promise.reject(new Error('no right to read'));
/** Goes on until it is told to stop. */
const endless: CountRows = (_table, _ranges, options) =>
  new Promise((_, reject) => {
    options?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
  });

describe('the number of rows of a full read', () => {
  it('is an estimate of a large table, which nobody counts', async () => {
    expect(await predict('estimate', refusing)).toEqual({
      predicted: { rows: 950_000, exact: false },
      notes: [],
    });
  });

  it('is exact of a small table, and of a large one where the job wants that', async () => {
    const exact = { predicted: { rows: 1_000_000, exact: true }, notes: [] };
    expect(await predict('estimate', counting, { bytes: 7 * megabyte })).toEqual(exact);
    expect(await predict('exact', counting)).toEqual(exact);
  });

  it('is an estimate after a count that fails or takes too long; only one that was asked for is reported', async () => {
    expect((await predict('estimate', refusing, { bytes: 0 })).notes).toEqual([]);
    const { predicted, notes } = await predict('exact', refusing);
    expect(predicted).toEqual({ rows: 950_000, exact: false });
    expect(english(notes)).toEqual([expect.stringContaining('no right to read')]);
    expect(english((await predict('exact', endless, { limitMs: 20 })).notes)).toEqual([
      expect.stringContaining('was not over after 0.02 s'),
    ]);
  });

  it('waits for room on each server as a reader does', async () => {
    const asked: unknown[] = [];
    const viaServer: CountRows = async (_table, _ranges, options) => ({
      rows: (await options?.onServer?.('rs1:16020', () => Promise.resolve(7))) ?? 0,
      exact: true,
    });
    const slots: PredictionContext['slots'] = {
      run: (request, _signal, work) => {
        asked.push(request);
        return work();
      },
    };
    expect((await predict('exact', viaServer, { slots })).predicted).toEqual({ rows: 7, exact: true });
    expect(asked).toEqual([expect.objectContaining({ server: 'rs1:16020', perServer: 2 })]);
  });

  it('a run that is stopped meanwhile is not told to go on with an estimate', async () => {
    const stop = new AbortController();
    const predicted = predict('exact', endless, { signal: stop.signal });
    stop.abort(new Error('cancelled'));
    await expect(predicted).rejects.toThrow('cancelled');
  });
});
