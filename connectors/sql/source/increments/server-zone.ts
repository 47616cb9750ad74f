// Times without a zone that the server itself stamps (DEFAULT CURRENT_TIMESTAMP, now()) are local times of its own zone. Windows are local times of
// db.timezone: where the two differ, rows may lie hours before the position when they are written, and nobody sees from outside who stamps them.
import type { Text } from '../../../../src/core/text.ts';
import { findZone, repeatsTimes } from '../../../../src/core/time/time-zone.ts';
import type { Zone } from '../../../../src/core/time/time-zone.ts';
import type { ServerZone, SourceColumn, SourceSession } from '../dialect.ts';

interface Compared {
  readonly zone: Zone;
  readonly columns: readonly SourceColumn[];
  /** µs */
  readonly now: number;
}

/** A doubt of increments for each zone of the server's that is another one than `zone` is now. */
export async function findOtherZones(
  session: Pick<SourceSession, 'zones'>,
  { zone, columns, now }: Compared,
): Promise<readonly Text[]> {
  if (!columns.some(({ local }) => local)) return [];
  const expected = zone.segmentAt(Math.floor(now / 1e6)).offset;
  const others = (await session.zones()).filter(({ offset }) => offset !== expected);
  return others.map((other) => inOtherZone({ zone, columns, now }, other));
}

function inOtherZone({ zone, columns }: Compared, { name, offset, of }: ServerZone): Text {
  const names = columns.map((column) => column.name).join(', ');
  const [here, ours] = [`${name} (${offsetText(offset)})`, `db.timezone=${zone.name}`];
  const fix = fixFor(name, offset);
  const [whoseEn, whoseZh] =
    of === null
      ? ["the server's own zone", '服务器自身的时区']
      : [`the zone of ${of} on the server`, `服务器上 ${of} 的时区`];
  return {
    en: `${whoseEn} is ${here}, but ${names} is read by ${ours}: rows whose time the server sets (DEFAULT CURRENT_TIMESTAMP, now()) may lie before windows that were read, and are seen by full runs only; ${fix.en}`,
    zh: `${whoseZh}为 ${here}，而 ${names} 按 ${ours} 读取：由服务器写入时间的行（DEFAULT CURRENT_TIMESTAMP、now()）可能落在已读取的窗口之前，只在全量运行时可见；${fix.zh}`,
  };
}

function fixFor(name: string, offset: number): Text {
  const known = findZone(name);
  if (known !== null && repeatsTimes(known))
    return {
      en: 'its clocks are put back once a year, so use a column with a zone, or one that holds UTC and a server in UTC',
      zh: '该时区每年回拨一次，请使用带时区的列，或使用保存 UTC 的列并将服务器设为 UTC',
    };
  const written = `db.timezone=${known === null ? offsetText(offset) : name}`;
  return { en: `write ${written}`, zh: `请设置 ${written}` };
}

/** `+08:00` */
function offsetText(seconds: number): string {
  const minutes = Math.round(Math.abs(seconds) / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
