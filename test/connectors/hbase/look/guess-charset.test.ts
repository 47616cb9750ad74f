// Chinese text in GBK is known for what it is, and binary numbers are not taken for it.
import { describe, expect, it } from 'vitest';
import { encodeCharset } from '../../../../connectors/hbase/encodings/text/charset.ts';
import { guessValue } from '../../../../connectors/hbase/look/guess-encoding.ts';
import { testRows } from '../../../../connectors/hbase/look/test-mapping.ts';
import { encodeRow, makeMapping } from '../cell-rows.ts';

const gbk = (text: string): Buffer => encodeCharset('gbk', Buffer.from(text)) as Buffer;

describe('a sample', () => {
  it('of Chinese text in GBK is guessed as such', () => {
    const names = ['张三', '李四 (北京)', '王小明', '赵六,上海', '欧阳娜娜'].map(gbk);
    expect(guessValue(names)).toMatchObject({
      encoding: 'text',
      charset: 'gbk',
      fieldType: 'string',
      sure: 'likely',
      example: '张三',
    });
    expect(guessValue(['张三', '李四'].map(gbk))).toMatchObject({ charset: 'gbk', sure: 'open' });
  });

  it('of UTF-8, of binary numbers or of other bytes is not', () => {
    const double = (value: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value);
      return bytes;
    };
    for (const values of [
      [Buffer.from('张三'), Buffer.from('李四')],
      [double(-1.5), double(-1234.56)],
      [Buffer.from('ff00a1b2', 'hex')],
      [Buffer.from('Zürich', 'latin1')],
    ])
      expect(guessValue(values).charset).toBeUndefined();
  });

  it('row whose text is no UTF-8 is explained with the charset that reads it', () => {
    const mapping = makeMapping([{ sourceFiled: 'd:a' }]);
    const block = encodeRow('r', { 'd:a': gbk('北京市') });
    const cell = { family: 'd', qualifier: Buffer.from('a'), value: gbk('北京市'), timestamp: 0 };
    const mapped = mapping.fields.map((field) => ({ field, column: { family: 'd', qualifier: 'a' } }));
    const [row] = testRows(mapped, [{ key: Buffer.from('r'), cells: [cell], block }]);
    expect(row?.errors).toMatchObject([
      {
        reason: 'not valid utf-8',
        hint: { en: "Read as text, charset gbk (string) it would be '北京市'." },
      },
    ]);
  });
});
