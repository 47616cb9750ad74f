// Decides whether a configuration that was sent may replace what a connector has, and what exactly is to be kept.
import type { ConnectorConfig } from '../../core/connector/config-def.ts';
import type { ConnectorPlugin } from '../../core/connector/contract.ts';
import { KEY } from '../../core/connector/keys.ts';
import { SyncError } from '../../core/errors.ts';
import { keepStored } from '../../core/secrets/secrets.ts';
import type { ValidationContext } from '../config/config-validation.ts';
import type { SentConfig } from '../../core/connector/config-def.ts';
import { classOf, fullDef, validateConfig, withoutNulls } from '../config/config-validation.ts';

export interface AdmittedConfig {
  readonly config: ConnectorConfig;
  readonly plugin: ConnectorPlugin;
}

/**
 * `stored` null: a new connector. Throws BAD_INPUT with every problem in one message as Connect writes it, CONFLICT for a
 * configuration of an epoch that is over.
 */
export function admitConfig(
  context: ValidationContext,
  sent: SentConfig,
  stored: { readonly name: string; readonly config: ConnectorConfig } | null,
): AdmittedConfig {
  const plugin = requirePlugin(context, sent);
  const config = keepStored(withoutNulls(sent), stored?.config ?? {}, fullDef(plugin));
  const nulls = Object.values(sent).filter((value) => value === null);
  const errors = [
    ...validateConfig(context, config).entries.flatMap((entry) => entry.errors),
    ...nulls.map(() => 'Null value can not be supplied as the configuration value.'),
  ];
  if (errors.length > 0) throw new SyncError('BAD_INPUT', { message: listErrors(errors) });
  if (stored !== null) refuseOldEpoch(stored.name, stored.config, config);
  return { config, plugin };
}

/** A connector of a run: it is not started again by itself when the worker comes back. */
export function isRunBound(config: ConnectorConfig): boolean {
  return (config[KEY.job] ?? '') !== '' || (config[KEY.taskId] ?? '') !== '';
}

function requirePlugin(context: ValidationContext, sent: SentConfig): ConnectorPlugin {
  const className = classOf(sent);
  try {
    return context.requirePlugin(className);
  } catch (error) {
    if (!(error instanceof SyncError) || error.code !== 'NOT_FOUND') throw error;
    const message = `org.apache.kafka.connect.errors.ConnectException: ${error.message}`;
    throw new SyncError('BAD_INPUT', { message, cause: error, field: 'connector.class' });
  }
}

function listErrors(errors: readonly string[]): string {
  return `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``;
}

// An executor that was superseded may still send the configuration of its run: the newer one stays.
function refuseOldEpoch(name: string, held: ConnectorConfig, sent: ConnectorConfig): void {
  if (held[KEY.job] === undefined || held[KEY.job] !== sent[KEY.job]) return;
  const heldEpoch = Number(held[KEY.epoch] ?? 0);
  const sentEpoch = Number(sent[KEY.epoch] ?? 0);
  if (sentEpoch < heldEpoch)
    throw new SyncError('CONFLICT', {
      message: `Connector ${name} holds epoch ${heldEpoch} of job ${held[KEY.job] ?? ''}; the configuration of epoch ${sentEpoch} is over`,
      field: KEY.epoch,
    });
}
