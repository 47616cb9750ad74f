// What is said of a search for cells whose timestamps no server gave them: what was found, and whether all was looked at.
import { expect, it } from 'vitest';
import { doubtIncrements } from '../../../../connectors/hbase/source/odd-timestamps.ts';

const none = { rows: 0, example: '' };
const found = { rows: 1, example: 'r, d:a, 7' };

it('says nothing of a table that was looked through and has none', () => {
  expect(doubtIncrements({ ahead: none, behind: none, complete: true })).toEqual([]);
});

it('does not say that there are some where the time was up before any was found', () => {
  const [doubt] = doubtIncrements({ ahead: none, behind: none, complete: false });
  expect(doubt?.en).toMatch(/^the table could not be looked through for cells with timestamps/);
  expect(doubt?.zh).toMatch(/^未能在限定时间内检查全表/);
});

it('says both where some were found before the time was up', () => {
  const [doubt] = doubtIncrements({ ahead: none, behind: found, complete: false });
  expect(doubt?.en).toContain(
    '1 row before 2008 (such as r, d:a, 7); not all of the table could be looked through in time. ',
  );
  expect(doubt?.zh).toContain('1 行早于 2008 年（例如 r, d:a, 7）；未能及时检查全表。');
});
