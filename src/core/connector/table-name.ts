// The name of a table in a configuration: up to three parts with dots between, each as it is or in quotes of either kind, in which the
// quote itself stands twice.
//
//   name = part *2( "." part )       part = 1*( any but dot and quotes ) / '"' … '"' / "`" … "`"
import { complain } from './config.ts';

/** Throws Complaint. */
export function readTableName(text: string): readonly string[] {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|([^".`]+?))\s*(\.|$)/gy;
  let at = 0;
  while (at < text.length || text[at - 1] === '.') {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null)
      complain(
        `'${text}' is no table name: write table or database.table; put a name that holds a dot into "quotes"`,
      );
    const [whole, double, back, plain = ''] = match;
    parts.push(double?.replaceAll('""', '"') ?? back?.replaceAll('``', '`') ?? plain);
    at += whole.length;
    if (match[4] === '') break;
  }
  if (parts.length === 0 || parts.length > 3 || parts.some((name) => name.includes('\0')))
    complain(`'${text}' is no table name: write table or database.table`);
  return parts;
}
