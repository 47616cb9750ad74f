// What a full disk, a missing right and the like at a target file mean to the run.
import { describe, expect, it } from 'vitest';
import { toTargetError } from '../../../connectors/file/target-errors.ts';

const errorOf = (code: string): Error =>
  Object.assign(new Error(`${code}: no luck, write`), { code, syscall: 'write' });

describe('an error of the file system at the target', () => {
  it.each([
    ['ENOSPC', 'TARGET_FULL', true],
    ['EDQUOT', 'TARGET_FULL', true],
    ['EMFILE', 'TARGET_FAILED', true],
    ['EIO', 'TARGET_FAILED', true],
    ['EACCES', 'TARGET_DENIED', false],
    ['EROFS', 'TARGET_DENIED', false],
    ['EISDIR', 'TARGET_FAILED', false],
  ])('%s is %s, to be tried again: %s', (said, code, retriable) => {
    expect(toTargetError(errorOf(said))).toMatchObject({ code, retriable });
    expect(String(toTargetError(errorOf(said)))).toContain(said);
  });

  it('of another kind stays what it is', () => {
    const error = new TypeError('a defect');
    expect(toTargetError(error)).toBe(error);
  });
});
