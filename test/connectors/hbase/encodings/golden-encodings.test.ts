// Every encoding against the bytes that HBase 2.6.4's and Phoenix 5.2.1's own classes wrote (test/support/EncodingVectors.java).
import { describe, expect, it } from 'vitest';
import { encodingNames } from '../../../../connectors/hbase/encodings/all-encodings.ts';
import { readJavaVectors } from '../../../support/encoding-vectors.ts';
import type { EncodingVector } from '../../../support/encoding-vectors.ts';
import { convert } from '../convert-value.ts';

const vectors = readJavaVectors().filter(({ charset }) => charset === undefined);

function misread({ encoding, type, hex, text }: EncodingVector): string | null {
  const found = convert(encoding, type, Buffer.from(hex, 'hex'));
  const told = `${type} from ${hex}: ${found} instead of ${text ?? 'NULL'}`;
  if (text === null) return found === '! no value' ? null : told;
  if (text === '!') return found.startsWith('! ') && found !== '! no value' ? null : told;
  if (text.startsWith('=')) {
    const read = type === 'float' ? Math.fround(Number(found)) : Number(found);
    const wanted = type === 'float' ? Math.fround(Number(text.slice(1))) : Number(text.slice(1));
    return read === wanted ? null : told;
  }
  return found === text.replaceAll('\\', '\\\\') ? null : told;
}

const names = [...new Set(vectors.map(({ encoding }) => encoding))];

describe('the bytes of the Java classes', () => {
  it.each(names)('%s', (name) => {
    const own = vectors.filter(({ encoding }) => encoding === name);
    expect(own.map(misread).filter((problem) => problem !== null)).toEqual([]);
  });

  it('are there for every Phoenix and OrderedBytes encoding', () => {
    const sorted = encodingNames.filter((name) => /^(phoenix|ordered):/.test(name));
    expect(sorted.filter((name) => !names.includes(name))).toEqual([]);
    expect(vectors.length).toBeGreaterThan(900);
  });

  it('of a wrong length, and of another type, are refused by every sorted encoding', () => {
    const types = ['bigint', 'decimal(38,0)', 'datetime', 'boolean'];
    for (const name of encodingNames.filter((each) => /^(phoenix|ordered):/.test(each)))
      for (const type of types) {
        const bytes = Buffer.from('aabbcc', 'hex');
        const found = tryConvert(name, type, bytes);
        if (found !== null) expect(found, `${name} into ${type}`).toMatch(/^! /);
      }
  });
});

/** null: the encoding does not fill such fields. */
function tryConvert(name: string, type: string, bytes: Buffer): string | null {
  try {
    return convert(name, type, bytes);
  } catch {
    return null;
  }
}
