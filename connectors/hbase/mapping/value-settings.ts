// What a mapping entry says of its cells beside the encoding: `zone`, `charset` and `misfit`. A zone or charset that would change nothing
// for the field is refused: whoever wrote it expects something of it.
import { kindName } from '../../../src/core/connector/field-type.ts';
import type { FieldType } from '../../../src/core/connector/field-type.ts';
import { findZone, utc, zoneAdvice } from '../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../src/core/time/time-zone.ts';
import { dateTypeOf } from '../encodings/calendar.ts';
import { charsets } from '../encodings/text/charset.ts';
import type { Charset } from '../encodings/text/charset.ts';

export interface ValueSettings {
  /** Of local times; UTC when the entry names none. */
  readonly zone: Zone;
  readonly charset: Charset;
}

/**
 * What becomes of a cell that does not fit its field. dirty: its row is put aside and counted. null: the field is NULL, and counted.
 * error: the run fails.
 */
export const misfitPolicies = ['dirty', 'null', 'error'] as const;
export type MisfitPolicy = (typeof misfitPolicies)[number];

export function readMisfit(text: string, isKey: boolean, report: (problem: string) => void): MisfitPolicy {
  const word = text.trim().toLowerCase();
  const policy = word === '' ? 'dirty' : misfitPolicies.find((known) => known === word);
  if (policy === undefined) report(`write one of ${misfitPolicies.join(', ')}`);
  if (policy === 'null' && isKey) report('a key field may not be NULL; write dirty or error');
  return policy ?? 'dirty';
}

/** What is expected of a field's cells, in words. */
export function describeExpected(field: {
  readonly encoding: string;
  readonly type: FieldType;
  readonly settings: ValueSettings;
}): string {
  const { zone, charset } = field.settings;
  const more = [
    charset === 'utf-8' ? '' : ` in ${charset}`,
    zone === utc ? '' : ` of zone ${zone.name}`,
  ].join('');
  return `${field.encoding}${more} for a field of type ${kindName(field.type.kind)}`;
}

export interface SettingsRequest {
  readonly zone: string;
  readonly charset: string;
  readonly encoding: string;
  readonly type: FieldType;
  /** The text carries its own zone: a date pattern with XXX. */
  readonly namesZone: boolean;
}

/** `report` is called for each problem; the settings are then the standard ones. */
export function readValueSettings(
  request: SettingsRequest,
  report: (key: 'zone' | 'charset', problem: string) => void,
): ValueSettings {
  return {
    zone: request.zone === '' ? utc : readZone(request, (problem) => report('zone', problem)),
    charset: request.charset === '' ? 'utf-8' : readCharset(request, (problem) => report('charset', problem)),
  };
}

function readZone(request: SettingsRequest, report: (problem: string) => void): Zone {
  const zone = findZone(request.zone);
  if (zone === null) report(`no such zone; ${zoneAdvice(request.zone)}`);
  else {
    const problem = zoneProblem(request);
    if (problem !== null) report(`${problem}; leave zone away`);
  }
  return zone ?? utc;
}

/** null: the zone decides something. */
function zoneProblem({ encoding, type, namesZone }: SettingsRequest): string | null {
  const dateType = dateTypeOf(type);
  if (dateType === null) return `a field of type ${kindName(type.kind)} holds no time`;
  const isInstant = namesZone || encoding !== 'text';
  if (dateType.kind === 'timestamp')
    return isInstant ? 'the cell holds an instant, and timestamps are in UTC whatever its zone' : null;
  return isInstant
    ? null
    : `the text holds no instant, so its ${kindName(dateType.kind)} is the same in every zone`;
}

function readCharset(
  { charset, encoding, type }: SettingsRequest,
  report: (problem: string) => void,
): Charset {
  const found = charsets.find((known) => known === charset.toLowerCase());
  if (found === undefined) report(`write one of ${charsets.join(', ')}`);
  else if (found !== 'utf-8' && (!['text', 'json'].includes(encoding) || type.kind === 'bytes'))
    report(
      type.kind === 'bytes'
        ? 'bytes have no charset; leave charset away'
        : `the encoding ${encoding} fixes what text is; charset goes with text and json`,
    );
  return found ?? 'utf-8';
}
