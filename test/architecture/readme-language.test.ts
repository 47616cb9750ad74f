// The Chinese READMEs use Chinese punctuation, and each term for one thing.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const han = /[\u4e00-\u9fff]/;

describe.each(['README.zh-CN.md', 'connectors/hbase/README.zh-CN.md'])('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8').replace(/```[\s\S]*?```/g, '');
  const lines = text.split('\n').map((line) => line.replace(/`[^`]*`|\]\([^)]*\)/g, ''));

  it('has no half-width punctuation beside Chinese', () => {
    const wrong = lines.filter((line) =>
      new RegExp(`${han.source}[,;:?!()]|[,;:?!()]${han.source}`).test(line),
    );
    expect(wrong).toEqual([]);
  });

  it('has one word for one thing', () => {
    expect(lines.filter((line) => /台账|接收端|愿望值|发言者/.test(line))).toEqual([]);
  });
});
