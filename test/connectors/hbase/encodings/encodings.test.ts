// The encodings of Java's Bytes.toBytes against vectors that HBase 2.6.4 wrote, and against values that do not fit.
import { describe, expect, it } from 'vitest';
import { convert, hex } from '../convert-value.ts';

describe('integers of Bytes.toBytes', () => {
  it.each([
    ['0', '0000000000000000'],
    ['1', '0000000000000001'],
    ['-1', 'ffffffffffffffff'],
    ['42', '000000000000002a'],
    ['2147483647', '000000007fffffff'],
    ['-2147483648', 'ffffffff80000000'],
    ['2147483648', '0000000080000000'],
    ['4294967296', '0000000100000000'],
    ['-4294967296', 'ffffffff00000000'],
    ['1000000000', '000000003b9aca00'],
    ['-1000000001', 'ffffffffc46535ff'],
    ['9007199254740993', '0020000000000001'],
    ['-9007199254740993', 'ffdfffffffffffff'],
    ['999999999999999999', '0de0b6b3a763ffff'],
    ['1000000000000000000', '0de0b6b3a7640000'],
    ['9223372036854775807', '7fffffffffffffff'],
    ['-9223372036854775808', '8000000000000000'],
  ])('an int64 is exact: %s', (text, bytes) => {
    expect(convert('int64', 'bigint', hex(bytes))).toBe(text);
    expect(convert('int64', 'string', hex(bytes))).toBe(text);
    expect(convert('int64', 'decimal(19,0)', hex(bytes))).toBe(text);
  });

  it('every int64 of a wide sample is exact', () => {
    const bytes = Buffer.alloc(8);
    for (let step = 0n; step < 4000n; step += 1n) {
      const value = BigInt.asIntN(64, step * step * step * 0x9e3779b97f4a7c15n + (step << 61n));
      bytes.writeBigInt64BE(value);
      expect(convert('int64', 'bigint', bytes)).toBe(value.toString());
    }
  });

  it.each([
    ['int32', 'int', '00000000', '0'],
    ['int32', 'int', 'fffffff9', '-7'],
    ['int32', 'int', '7fffffff', '2147483647'],
    ['int32', 'int', '80000000', '-2147483648'],
    ['int32', 'bigint', '80000000', '-2147483648'],
    ['int32', 'decimal(10,2)', '00010000', '65536.00'],
    ['int16', 'smallint', 'fffe', '-2'],
    ['int16', 'int', '8000', '-32768'],
    ['int8', 'tinyint', '80', '-128'],
    ['int8', 'int', '7f', '127'],
  ])('%s into %s: %s is %s', (encoding, type, bytes, text) => {
    expect(convert(encoding, type, hex(bytes))).toBe(text);
  });

  it('a wider number must fit into a narrower field', () => {
    expect(convert('int64', 'int', hex('000000007fffffff'))).toBe('2147483647');
    expect(convert('int64', 'int', hex('ffffffff80000000'))).toBe('-2147483648');
    expect(convert('int64', 'int', hex('0000000080000000'))).toBe('! out of the range of int');
    expect(convert('int64', 'int', hex('ffffffff7fffffff'))).toBe('! out of the range of int');
    expect(convert('int64', 'tinyint', hex('0000000000000080'))).toBe('! out of the range of tinyint');
    expect(convert('int32', 'smallint', hex('00010000'))).toBe('! out of the range of smallint');
    expect(convert('int32', 'decimal(4,0)', hex('00010000'))).toMatch(/^! more than 4 digits before/);
  });

  it('a length that is not the encoding is named', () => {
    expect(convert('int64', 'bigint', hex('0000002a'))).toBe('! int64 takes 8 bytes, the value has 4');
    expect(convert('int64', 'bigint', '')).toBe('! int64 takes 8 bytes, the value has 0');
    expect(convert('int32', 'int', '12345678')).toBe('! int32 takes 4 bytes, the value has 8');
  });
});

describe('floating-point numbers of Bytes.toBytes', () => {
  it.each([
    ['0', '0000000000000000'],
    ['-0', '8000000000000000'],
    ['1', '3ff0000000000000'],
    ['-1.5', 'bff8000000000000'],
    ['0.1', '3fb999999999999a'],
    ['0.3333333333333333', '3fd5555555555555'],
    ['19.99', '4033fd70a3d70a3d'],
    ['123456.78', '40fe240c7ae147ae'],
    ['100.1', '4059066666666666'],
    ['1234567.000001', '4132d687000010c7'],
    ['-0.000001', 'beb0c6f7a0b5ed8d'],
    ['1e+21', '444b1ae4d6e2ef50'],
    ['1e-7', '3e7ad7f29abcaf48'],
    ['5e-324', '0000000000000001'],
    ['1.7976931348623157e+308', '7fefffffffffffff'],
    ['9007199254740992', '4340000000000000'],
  ])('a double has its shortest text: %s', (text, bytes) => {
    expect(convert('double', 'double', hex(bytes))).toBe(text);
  });

  it('the text of a double reads back equal, and is not longer than needed', () => {
    const bytes = Buffer.alloc(8);
    for (let step = 1; step < 20_000; step += 1) {
      const value = step % 3 === 0 ? step / 700 : Math.round(step * 1234.567) / 10 ** (step % 8);
      bytes.writeDoubleBE(step % 2 === 0 ? value : -value);
      const text = convert('double', 'double', bytes);
      expect(Number(text)).toBe(bytes.readDoubleBE());
      expect(text.length).toBeLessThanOrEqual(String(bytes.readDoubleBE()).length);
    }
  });

  it.each([
    ['0', '00000000'],
    ['1.1', '3f8ccccd'],
    ['-2.5', 'c0200000'],
    ['0.3', '3e99999a'],
    ['16777216', '4b800000'],
    ['10000000000', '501502f9'],
  ])('a float has its shortest text: %s', (text, bytes) => {
    expect(convert('float', 'float', hex(bytes))).toBe(text);
  });

  it.each(['7f7fffff', '00800000', '00000001', '3eaaaaab', '4996b43f'])(
    'a float of bits %s reads back equal',
    (bytes) => {
      expect(Math.fround(Number(convert('float', 'float', hex(bytes))))).toBe(hex(bytes).readFloatBE());
    },
  );

  it('a float in a double field keeps the number that its bits mean', () => {
    expect(convert('float', 'double', hex('3f8ccccd'))).toBe('1.100000023841858');
  });

  it('a decimal field takes what its digits can hold and nothing else', () => {
    expect(convert('double', 'decimal(10,2)', hex('4033fd70a3d70a3d'))).toBe('19.99');
    expect(convert('double', 'decimal(10,1)', hex('4033fd70a3d70a3d'))).toMatch(
      /^! more than 1 digits behind/,
    );
    expect(convert('double', 'decimal(30,10)', hex('444b1ae4d6e2ef50'))).toMatch(
      /^! more than 20 digits before/,
    );
  });

  it('NaN, infinity and wrong lengths do not fit', () => {
    expect(convert('double', 'double', hex('7ff8000000000000'))).toMatch(/^! NaN/);
    expect(convert('double', 'double', hex('7ff0000000000000'))).toMatch(/^! Infinity/);
    expect(convert('double', 'double', hex('3f8ccccd'))).toBe('! double takes 8 bytes, the value has 4');
    expect(convert('double', 'float', hex('7fefffffffffffff'))).toBe('! out of the range of float');
  });
});

describe('boolean and BigDecimal of Bytes.toBytes', () => {
  it('any byte but zero is true', () => {
    expect(convert('boolean', 'boolean', hex('ff'))).toBe('1');
    expect(convert('boolean', 'boolean', hex('01'))).toBe('1');
    expect(convert('boolean', 'boolean', hex('00'))).toBe('0');
    expect(convert('boolean', 'boolean', 'true')).toBe('! boolean takes 1 byte, the value has 4');
  });

  it.each([
    ['0', '0000000000'],
    ['1', '0000000001'],
    ['-1', '00000000ff'],
    ['128', '000000000080'],
    ['-128', '0000000080'],
    ['100', '0000000064'],
    ['-99999999999999999999999999999999999999', '00000000b4c4b357a5793b85f675ddc000000001'],
    ['100000', 'fffffffb01'],
  ])('a whole BigDecimal: %s', (text, bytes) => {
    expect(convert('bigdecimal', 'decimal(38,0)', hex(bytes))).toBe(text);
    expect(convert('bigdecimal', 'string', hex(bytes))).toBe(text);
  });

  it.each([
    ['12.50', '0000000204e2'],
    ['-12.50', '00000002fb1e'],
    ['255.255', '0000000303e517'],
    ['12345678901234567890.123456789', '0000000927e41b3246bec9b16e398115'],
    ['0.000000001', '0000000901'],
    ['0.00', '0000000200'],
  ])('a BigDecimal with a scale: %s', (text, bytes) => {
    expect(convert('bigdecimal', 'string', hex(bytes))).toBe(text);
    const [whole, fraction = ''] = text.split('.');
    expect(convert('bigdecimal', 'decimal(38,12)', hex(bytes))).toBe(
      `${whole ?? ''}.${fraction.padEnd(12, '0')}`,
    );
  });

  it('precision and scale are checked digit for digit', () => {
    expect(convert('bigdecimal', 'decimal(4,1)', hex('0000000204e2'))).toBe('12.5');
    expect(convert('bigdecimal', 'decimal(4,0)', hex('0000000204e2'))).toMatch(
      /^! more than 0 digits behind/,
    );
    expect(convert('bigdecimal', 'decimal(3,2)', hex('0000000204e2'))).toMatch(
      /^! more than 1 digits before/,
    );
    expect(convert('bigdecimal', 'decimal(10,2)', hex('00000002'))).toBe(
      '! bigdecimal takes at least 5 bytes, the value has 4',
    );
    expect(convert('bigdecimal', 'string', hex('7fffffff01'))).toMatch(/^! the scale 2147483647/);
  });
});
