// A line of the log for a person at a terminal: time of the day, level, words; a trace below them.

const names: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO ',
  40: 'WARN ',
  50: 'ERROR',
};
const colors: Readonly<Record<number, string>> = { 40: '\u001b[33m', 50: '\u001b[31m' };
const PLAIN = '\u001b[0m';

/** `json`: one line as the log writes it. What can't be read is given as it is. */
export function readableLine(json: string, colored: boolean): string {
  let line: Record<string, unknown>;
  try {
    line = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const level = Number(line['level']);
  const time = new Date(String(line['time'])).toLocaleTimeString('en-GB');
  const name = names[level] ?? 'FATAL';
  const shown = colored && colors[level] !== undefined ? `${colors[level]}${name}${PLAIN}` : name;
  const trace = [line['error'], line['trace']].filter((text) => typeof text === 'string');
  const below = trace.flatMap((text) => text.split('\n')).map((each) => `    ${each.trimEnd()}\n`);
  return `${time} ${shown} ${String(line['msg'])}\n${below.join('')}`;
}
