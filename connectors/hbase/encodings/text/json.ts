// JSON text, checked.
import type { Encoding } from '../encoding.ts';
import { never } from '../encoding.ts';
import { compileTextJson, compileTextString } from './text-string.ts';

export const json: Encoding = {
  name: 'json',
  kinds: ['json', 'string'],
  compile: (type) => {
    const check = compileTextJson();
    if (type.kind !== 'string') return check;
    const write = compileTextString(type.length);
    return (out, bytes, start, end) => {
      const before = out.length;
      const problem = check(out, bytes, start, end);
      out.length = before;
      return problem ?? write(out, bytes, start, end);
    };
  },
  oneToOne: never,
};
