// The words of a schedule, held to the engine: both languages are read back, and what was read fires as the expression does.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeTiming } from '../../scheduler/cron/describe-timing.ts';
import { nextFire } from '../../scheduler/cron/cron.ts';
import { parseCron } from '../../scheduler/cron/parse-cron.ts';
import { utc } from '../../src/core/time/time-zone.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** Numbers of `1, 5, 9 to 17` and `1、5、9 至 17`, as a cron list. */
function list(text: string, valueOf: (word: string) => string = (word) => word): string {
  return text
    .split(/, |、/)
    .map((item) =>
      item
        .split(/ to | ?至 ?/)
        .map((word) => valueOf(word.trim()))
        .join('-'),
    )
    .join();
}

/** A field from what is said of it; null: nothing is. */
function field(
  text: string,
  forms: readonly (readonly [RegExp, (groups: readonly string[]) => string])[],
): string | null {
  for (const [form, read] of forms) {
    const found = form.exec(text);
    if (found !== null) return read(found.slice(1));
  }
  return null;
}

interface Said {
  readonly time: readonly [second: string, minute: string, hour: string];
  readonly dom: string | null;
  readonly dow: string | null;
  readonly month: string | null;
  readonly year: string | null;
}

const series = ([step, from, to]: readonly string[]): string => `${from ?? ''}-${to ?? ''}/${step ?? ''}`;
const seriesZh = ([from, to, step]: readonly string[]): string => `${from ?? ''}-${to ?? ''}/${step ?? ''}`;

/** Clock times: all of them times of the same product, so their parts are its fields. */
function clock(text: string): Said['time'] {
  const parts = text.split(/, |、/).map((time) => `${time}:00`.split(':').slice(0, 3));
  const of = (n: number): string => [...new Set(parts.map((each) => String(Number(each[n]))))].join();
  return [of(2), of(1), of(0)];
}

function timeOf(
  read: { second: string | null; minute: string | null; hour: string | null },
  everyHours: string | null,
): Said['time'] {
  if (everyHours !== null) return ['0', '0', everyHours];
  const { second, minute, hour } = read;
  return [second ?? '0', minute ?? '*', hour ?? '*'];
}

function unitEn(text: string, unit: string, preposition: string): string | null {
  return field(text, [
    [new RegExp(`every ${unit}(?=,|$)`), () => '*'],
    [new RegExp(`every (\\d+) ${unit}s`), ([step]) => `*/${step ?? ''}`],
    [new RegExp(`every (\\d+)\\w\\w ${unit} from (\\d+) to (\\d+)`), series],
    [new RegExp(`${preposition} ${unit}s? ([\\d, to]+?)(?=, [a-z]|$)`), ([text = '']) => list(text)],
  ]);
}

function readEnglish(text: string): Said {
  const at = /^at ((?:\d\d:[\d:]+(?:, )?)+)/.exec(text)?.[1]?.replace(/, $/, '');
  const everyHours = field(text, [
    [/^every hour/, () => '*'],
    [/^every (\d+) hours/, ([step]) => `*/${step ?? ''}`],
  ]);
  const [second, minute] = [unitEn(text, 'second', 'at'), unitEn(text, 'minute', 'at')];
  const hour = field(text, [
    [/in every (\d+)\w\w hour from (\d+) to (\d+)/, series],
    [/in hours? ([\d, to]+?)(?=, [a-z]|$)/, ([text = '']) => list(text)],
  ]);
  const date = /on (\d+)-(\d\d)-(\d\d)$/
    .exec(text)
    ?.slice(1)
    .map((part) => String(Number(part)));
  const day = (word: string): string => String(weekdays.indexOf(word) + 1);
  return {
    time: at === undefined ? timeOf({ second, minute, hour }, everyHours) : clock(at),
    dom:
      date?.[2] ??
      field(text, [
        [/on every (\d+)\w\w day from (\d+) to (\d+)/, series],
        [/on days? ([\d, to]+?)(?=, [a-z]|$)/, ([text = '']) => list(text)],
        [/on the (\d+)\w\w last day of the month/, ([n]) => `L-${Number(n) - 1}`],
        [/on the last day of the month/, () => 'L'],
        [/nearest day (\d+)/, ([n]) => `${n ?? ''}W`],
        [/nearest the last day/, () => 'LW'],
        [/nearest the (\d+)\w\w last day of/, ([n]) => `L-${Number(n) - 1}W`],
        [/on the last weekday/, () => 'LW'],
      ]),
    dow: field(text, [
      [/on the last ([A-Z]\w+day) of/, ([name = '']) => `${day(name)}L`],
      [/on the (\d)\w\w ([A-Z]\w+day) of/, ([nth, name = '']) => `${day(name)}#${nth ?? ''}`],
      [/on ([A-Z]\w+day(?:(?:, | to )[A-Z]\w+day)*)/, ([text = '']) => list(text, day)],
    ]),
    month:
      date?.[1] ??
      field(text, [
        [
          new RegExp(`in ((?:${months.join('|')})(?:(?:, | to )(?:${months.join('|')}))*)`),
          ([text = '']) => list(text, (word) => String(months.indexOf(word) + 1)),
        ],
      ]),
    year:
      date?.[0] ??
      field(text, [
        [/in every (\d+)\w\w year from (\d+) to (\d+)/, series],
        [/in years? ([\d, to]+)$/, ([text = '']) => list(text)],
      ]),
  };
}

function unitZh(text: string, unit: string): string | null {
  return field(text, [
    [new RegExp(`(?:^|，)每${unit}(?:，|$)`), () => '*'],
    [new RegExp(`(?:^|，)每 (\\d+) ${unit}(?:，|$)`), ([step]) => `*/${step ?? ''}`],
    [new RegExp(`第 (\\d+) 至 (\\d+) ${unit}每隔 (\\d+) ${unit}`), seriesZh],
    [new RegExp(`第 ([\\d、 至]+) ${unit}(?:，|$)`), ([text = '']) => list(text)],
  ]);
}

function readChinese(text: string): Said {
  const at = /(?:^|，)((?:\d\d:[\d:]+、?)+)$/.exec(text)?.[1];
  const everyHours = field(text, [
    [/(?:^|，)每小时$/, () => '*'],
    [/(?:^|，)每 (\d+) 小时$/, ([step]) => `*/${step ?? ''}`],
  ]);
  const [second, minute] = [unitZh(text, '秒'), unitZh(text, '分钟')];
  const hour = field(text, [
    [/(\d+) 至 (\d+) 时每隔 (\d+) 小时/, seriesZh],
    [/(?:^|，)([\d、 至]+) 时(?:，|$)/, ([text = '']) => list(text)],
  ]);
  const date = /(?:^|，)(\d{4})-(\d\d)-(\d\d)，/
    .exec(text)
    ?.slice(1)
    .map((part) => String(Number(part)));
  const day = (word: string): string => String('日一二三四五六'.indexOf(word.slice(-1)) + 1);
  return {
    time: at === undefined ? timeOf({ second, minute, hour }, everyHours) : clock(at),
    dom:
      date?.[2] ??
      field(text, [
        [/每月 (\d+) 至 (\d+) 日每隔 (\d+) 天/, seriesZh],
        [/每月 ([\d、 至]+) 日/, ([text = '']) => list(text)],
        [/离 (\d+) 日最近的工作日/, ([n]) => `${n ?? ''}W`],
        [/离每月倒数第 (\d+) 天最近/, ([n]) => `L-${Number(n) - 1}W`],
        [/每月最后一个工作日/, () => 'LW'],
        [/每月倒数第 (\d+) 天/, ([n]) => `L-${Number(n) - 1}`],
        [/每月最后一天/, () => 'L'],
      ]),
    dow: field(text, [
      [/最后一个(周.)/, ([name = '']) => `${day(name)}L`],
      [/每月第 (\d) 个(周.)/, ([nth, name = '']) => `${day(name)}#${nth ?? ''}`],
      [/(周.(?:[、至]周.)*)/, ([text = '']) => list(text, day)],
    ]),
    month:
      date?.[1] ??
      field(text, [
        [
          /(?:^|，)(\d+ 月(?:(?:、|至 )\d+ 月)*)(?:，|$)/,
          ([text = '']) => list(text, (word) => word.replace(' 月', '')),
        ],
      ]),
    year:
      date?.[0] ??
      field(text, [
        [/^(\d+) 至 (\d+) 年每隔 (\d+) 年/, seriesZh],
        [/^([\d、 至]+) 年/, ([text = '']) => list(text)],
      ]),
  };
}

function toCron({ time, dom, dow, month, year }: Said): string {
  return [...time, dow === null ? (dom ?? '*') : '?', month ?? '*', dow ?? '?', year ?? '*'].join(' ');
}

function fires(text: string, from: number): readonly (number | null)[] {
  const { cron } = parseCron(text);
  const found: (number | null)[] = [];
  for (let at: number | null = from; at !== null && found.length < 6; found.push(at))
    at = nextFire(cron, { zone: utc, gap: 'run' }, at);
  return found;
}

const items = (min: number, max: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    { weight: 2, arbitrary: fc.integer({ min, max }).map(String) },
    fc.constantFrom('*/2', '*/3', '*/5', '*/7', '3/4', '1-4', '2,3', '5-11/2'),
    fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 9 }).map((values) => values.join()),
  );
const days = fc.oneof(
  fc
    .oneof(items(1, 31), fc.constantFrom('L', 'L-3', 'LW', 'L-2W', '15W', '1W'))
    .map((dom) => [dom, '?'] as const),
  fc
    .oneof(
      items(1, 7).filter((text) => !text.includes('11')),
      fc.constantFrom('6L', '2#1', '7#5', 'FRI-MON'),
    )
    .map((dow) => ['?', dow] as const),
);
const expressions = fc
  .tuple(
    fc.oneof(fc.constant('0'), items(0, 59)),
    items(0, 59),
    items(0, 23),
    days,
    items(1, 12),
    fc.constantFrom('', ' 2027', ' 2026-2029', ' 2026/4', ' 2027,2030'),
  )
  .map(
    ([second, minute, hour, [dom, dow], month, year]) =>
      `${second} ${minute} ${hour} ${dom} ${month} ${dow}${year}`,
  );

it.each([
  ['English', 'en', readEnglish],
  ['Chinese', 'zh', readChinese],
] as const)('say in %s when it fires, and nothing else', (_language, key, read) => {
  const instants = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) });
  fc.assert(
    fc.property(expressions, instants, (text, from) => {
      const words = describeTiming(parseCron(text))[key];
      const meant = toCron(read(words));
      expect(fires(meant, from), `${text} · ${words} · ${meant}`).toEqual(fires(text, from));
    }),
    { numRuns: 400 },
  );
});
