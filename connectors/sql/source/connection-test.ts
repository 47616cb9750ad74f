// The connection test: configuration, host name, connection and log-in, table, clock.
import { counted } from '../../../src/core/text.ts';
import { lookup } from 'node:dns/promises';
import type { Finding } from '../../../src/core/connector/check-steps.ts';
import { runCheckSteps } from '../../../src/core/connector/check-steps.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { CheckStep } from '../../../src/core/connector/contract.ts';
import type { RowSchema } from '../../../src/core/connector/field-type.ts';
import { SyncError } from '../../../src/core/errors.ts';
import type { SqlSourceConfig } from './config.ts';
import type { SourceSession } from './dialect.ts';
import { comparedColumns } from './claim-keys.ts';
import { chooseColumns } from './row-columns.ts';
import { describeOrThrow } from './views.ts';

export function testSourceConnection(
  config: SqlSourceConfig,
  signal: AbortSignal,
): Promise<readonly CheckStep[]> {
  const { server, name } = config;
  return runCheckSteps(async (step) => {
    await step('configuration', () =>
      Promise.resolve({ detail: [name, ...server.notes.map(({ en }) => en)].join('; '), value: null }),
    );
    for (const host of server.hosts) await step('resolve', () => resolveHost(host));
    const session = await step('connect and log in', async () => ({
      detail: `${server.address} answers`,
      value: await server.open(signal),
    }));
    try {
      await step('table', () => findTable(config, session));
      await step('clock', () => compareClocks(session));
    } finally {
      session.close();
    }
  });
}

export async function readSchema(config: SqlSourceConfig, signal: AbortSignal): Promise<RowSchema> {
  const session = await config.server.open(signal);
  try {
    return chooseColumns(config, await describeOrThrow(session, config)).schema;
  } finally {
    session.close();
  }
}

async function resolveHost(host: string): Promise<Finding<null>> {
  try {
    const { address } = await lookup(host);
    return { detail: `${host} is ${address}`, value: null };
  } catch (cause) {
    throw new SyncError('SOURCE_UNREACHABLE', { message: `the host name ${host} is not known`, cause });
  }
}

async function findTable(config: SqlSourceConfig, session: SourceSession): Promise<Finding<null>> {
  const found = await describeOrThrow(session, config);
  const rows = chooseColumns(config, found);
  comparedColumns(config, rows);
  const { columns, schema } = rows;
  const key = schema.key.length === 0 ? 'no key' : `key ${schema.key.join(', ')}`;
  return {
    detail: `${config.name} (${found.kind}) has ${counted(columns.length, 'column')} that are read, ${key}`,
    value: null,
  };
}

async function compareClocks(session: SourceSession): Promise<Finding<null>> {
  const before = systemClock.now();
  const { micros, notes } = await session.now();
  const here = (before + systemClock.now()) / 2;
  const ahead = Math.round(micros / 1000 - here);
  const where = ahead < 0 ? 'behind' : 'ahead of';
  const detail = [
    `the server's clock is ${Math.abs(ahead)} ms ${where} this one`,
    ...notes.map(({ en }) => en),
  ];
  return { detail: detail.join('; '), value: null };
}
