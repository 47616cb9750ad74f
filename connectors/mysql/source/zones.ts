// The zone of sessions that set none: NOW() and DEFAULT CURRENT_TIMESTAMP stamp a DATETIME in it.
import type { ServerZone } from '../../sql/source/dialect.ts';
import type { MysqlQueries } from './queries.ts';

export async function readServerZones(server: MysqlQueries): Promise<readonly ServerZone[]> {
  const [row] = await server.read(
    `SELECT @@global.time_zone, @@system_time_zone,
       TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone))`,
  );
  const [zone, system, offset] = row ?? [];
  if (offset == null) return [];
  return [{ name: (zone === 'SYSTEM' ? system : zone) ?? '', offset: Number(offset), of: null }];
}
