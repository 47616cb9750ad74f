// Templates: what they mean, and that no value gets out of the place where it stands.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConfigDef, ConfigKey } from '../../../src/core/connector/config-def.ts';
import { fillConfig } from '../../../src/core/template/fill-config.ts';
import { readGiven } from '../../../src/core/template/given-parameters.ts';
import { readValue, textOf, type Parameter, type Value } from '../../../src/core/template/parameter.ts';
import { valuesOf } from '../../../src/core/template/run-inputs.ts';
import type { TemplatePlace } from '../../../src/core/template/template.ts';
import { findZone, utc } from '../../../src/core/time/time-zone.ts';
import { sameInBoth } from '../../../src/core/text.ts';

const key = (name: string, place: TemplatePlace | null, type: ConfigKey['type'] = 'STRING'): ConfigKey => ({
  name,
  type,
  importance: 'LOW',
  documentation: sameInBoth(''),
  group: '',
  displayName: name,
  width: 'SHORT',
  ...(place === null ? {} : { templates: { fill: (value, fill) => fill(value, place) } }),
});
const def: ConfigDef = [
  key('query', 'sql'),
  key('condition', 'filter'),
  key('row', 'key'),
  key('other', null),
  key('secret', null, 'PASSWORD'),
];
const at = Date.UTC(2027, 0, 31, 18, 5, 9, 7);
const values = new Map<string, Value>([
  ['fire.time', { type: 'instant', at }],
  ['business.date', { type: 'date', day: 20_850 }],
  ['region', { type: 'text', text: "O'Hara" }],
  ['amount', { type: 'number', text: '-12.50' }],
  ['open', { type: 'boolean', text: 'true' }],
]);
const fill = (name: string, text: string, zone = utc) => {
  const { config, problems } = fillConfig({ [name]: text }, def, { values, zone });
  return problems[0]?.message ?? config[name];
};

describe('a template', () => {
  it.each([
    ['query', 'a > ${fire.time}', "a > '2027-01-31 18:05:09'"],
    ['query', '${fire.time-1d:yyyyMMdd}', "'20270130'"],
    ['query', '${ fire.time + 90m : yyyy-MM-ddTHH:mm:ss.SSS }', "'2027-01-31T19:35:09.007'"],
    ['query', '${fire.time:epoch} ${fire.time:epochMs}', `${Math.floor(at / 1000)} ${at}`],
    ['query', '${business.date} ${business.date+1d:dd.MM.yyyy}', "'2027-02-01' '02.02.2027'"],
    ['query', '${region}, ${amount}, ${open}', "'O''Hara', (-12.50), TRUE"],
    // Without them a minus before it would make a comment of the rest.
    ['query', 'a -${amount} AND b', 'a -(-12.50) AND b'],
    ['condition', '= ${region}', "= 'O''Hara'"],
    ['condition', '>= ${amount}', '>= -12.50'],
    ['row', '${business.date:yyyyMMdd}_${region}', "20270201_O'Hara"],
    ['other', 'price $5 {x}', 'price $5 {x}'],
    ['other', '${topic}', '${topic}'],
    ['secret', '${fire.time}', '${fire.time}'],
  ])('in %s: %s is %s', (name, text, filled) => {
    expect(fill(name, text)).toBe(filled);
  });

  it('writes instants in the zone of the schedule', () => {
    expect(fill('query', '${fire.time:yyyy-MM-dd HH:mm}', findZone('Asia/Shanghai') ?? utc)).toBe(
      "'2027-02-01 02:05'",
    );
  });

  it.each([
    ['query', '${fire.tmie}', /there is no fire\.tmie; the most like it is fire\.time/],
    ['query', '${window.from}', /the job has no window/],
    ['query', '${region:yyyy}', /only dates and instants/],
    ['query', '${business.date-1h}', /a date moves by days/],
    ['query', '${fire.time:YYYY}', /"YYYY" is no part of a format/],
    ['query', "${fire.time:yyyy'}", /is no part of a format/],
    ['query', '${fire.time', /is no template/],
    ['query', '${}', /is no template/],
    ['query', "a = '${region}'", /stands in quotes: write it without them/],
    ['query', 'a = "x${region}"', /stands in quotes/],
    ['query', "a = '' AND b = '${region}'", /stands in quotes/],
    ['query', '${region} -- comment', /may not hold --/],
    ['query', '${region} /* comment */', /may not hold \/\*/],
    ['query', "# it's\n${region}", /may not hold #/],
    ['query', '$tag$ ${region} $tag$', /may not hold \$/],
    ['query', "'\\' ${region}", /may not hold \\/],
    ['condition', "= '${region}'", /stands in quotes/],
    ['other', '${region}', /is no template here: they may stand in query, condition, row/],
  ])('in %s: %s is refused', (name, text, message) => {
    expect(fill(name, text)).toMatch(message);
  });

  it('of a value with what ends a line, or a backslash, is refused', () => {
    for (const text of ['a\\', 'a\nb', 'a\u0000'])
      for (const name of ['query', 'condition', 'row']) {
        const odd = new Map<string, Value>([['region', { type: 'text', text }]]);
        const { problems } = fillConfig({ [name]: '${region}' }, def, { values: odd, zone: utc });
        expect(problems[0]?.message).toContain('holds a backslash');
      }
  });

  it('in SQL never ends its literal, whatever the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const any = new Map<string, Value>([['region', { type: 'text', text }]]);
        const { config, problems } = fillConfig({ query: 'x = ${region} AND y' }, def, {
          values: any,
          zone: utc,
        });
        if (problems.length > 0) return;
        const literal = /^x = '((?:[^'\\]|'')*)' AND y$/su.exec(config['query'] ?? '');
        expect(literal?.[1]?.replaceAll("''", "'")).toBe(text);
      }),
    );
  });
});

describe('a value', () => {
  it.each([
    ['number', '12.5', '12.5'],
    ['number', '-0', '-0'],
    ['boolean', 'false', 'false'],
    ['date', '2028-02-29', '2028-02-29'],
    ['instant', '2027-01-31T02:00+08:00', '2027-01-30T18:00:00.000Z'],
    ['text', ' a ', ' a '],
  ] as const)('of type %s: %s', (type, text, kept) => {
    const value = readValue(type, text);
    expect(typeof value === 'string' ? value : textOf(value)).toBe(kept);
  });

  it.each([
    ['number', '1e5'],
    ['number', '0x10'],
    ['number', '1 OR 1=1'],
    ['number', '٣'],
    ['boolean', 'TRUE'],
    ['date', '2027-02-29'],
    ['date', '20270101'],
    ['instant', '2027-01-31T02:00'],
    ['instant', '2027-02-30T02:00Z'],
    ['instant', '2027-01-31T25:00Z'],
  ] as const)('of type %s is not %s, and is told what would be', (type, text) => {
    expect(readValue(type, text)).toMatch(/is no .*; right is for example/);
  });
});

describe('what a trigger gives', () => {
  const declared: Parameter[] = [
    { name: 'region', type: 'text' },
    { name: 'since', type: 'date', default: '2027-01-01' },
  ];

  it('is kept by name and type; what has a default may be left out', () => {
    expect(readGiven(declared, { region: 'north', since: '2027-02-01' })).toEqual({
      parameters: { region: 'north', since: '2027-02-01' },
      problems: [],
    });
    expect(readGiven(declared, { region: 12 }).parameters).toEqual({ region: '12' });
  });

  it('is refused by name, all at once', () => {
    expect(readGiven(declared, { regoin: 'north', since: 'x' }).problems).toEqual([
      { field: 'parameters.regoin', message: 'the job has no parameter regoin; the most like it is region' },
      { field: 'parameters.since', message: '"x" is no date; right is for example 2027-01-31' },
      { field: 'parameters.region', message: 'is missing: a text that has no default' },
    ]);
    expect(readGiven([], { a: 1 }).problems[0]?.message).toBe('the job has no parameters');
  });

  it('is told from what every object has by nature', () => {
    const odd: Parameter[] = [{ name: 'constructor', type: 'text' }];
    expect(readGiven(odd, {}).problems).toMatchObject([{ field: 'parameters.constructor' }]);
    const inputs = { window: null, businessDate: '2027-01-30', parameters: {} };
    expect(valuesOf(odd, { plannedAt: 3, inputs }).has('constructor')).toBe(false);
  });

  it('stands over the default', () => {
    const inputs = {
      window: { from: 1, to: 2 },
      businessDate: '2027-01-30',
      parameters: { since: '2027-03-01' },
    };
    const named = valuesOf(declared, { plannedAt: 3, inputs });
    expect(Object.fromEntries(named)).toMatchObject({
      'fire.time': { at: 3 },
      'window.from': { at: 1 },
      'window.to': { at: 2 },
      since: readValue('date', '2027-03-01'),
    });
    expect(named.has('region')).toBe(false);
  });
});
