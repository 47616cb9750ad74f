// Does a value hold what is asked of it? All else that it holds is not looked at.
import assert from 'node:assert/strict';

/** Of objects the members that are named, of texts a pattern or the text itself; all else must be equal. */
export function assertHas(actual: unknown, asked: unknown, at = 'it'): void {
  if (asked instanceof RegExp) assert.match(String(actual), asked, `${at}: ${String(actual)}`);
  else if (Array.isArray(asked)) {
    assert.ok(Array.isArray(actual), `${at} is no array: ${JSON.stringify(actual)}`);
    assert.equal(actual.length, asked.length, `${at} is ${JSON.stringify(actual)}`);
    for (const [index, each] of asked.entries()) assertHas(actual[index], each, `${at}[${index}]`);
  } else if (isRecord(asked)) {
    assert.ok(isRecord(actual), `${at} is ${String(actual)}`);
    for (const [name, each] of Object.entries(asked)) assertHas(actual[name], each, `${at}.${name}`);
  } else assert.deepEqual(actual, asked, `${at} is ${JSON.stringify(actual)}, not ${JSON.stringify(asked)}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
