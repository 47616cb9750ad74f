// A whole Syncline process as one service: adapters opened, the services of its roles started in order and stopped in reverse.
import { loadPlugins } from '../../connectors/registry.ts';
import type { Config } from '../config.ts';
import type { Emit } from '../core/events.ts';
import type { EventLog } from '../observe/log-events.ts';
import type { Service } from '../core/service.ts';
import type { Adapters } from './adapters.ts';
import { openAdapters } from './adapters.ts';
import { openDataFolder } from './data-folder.ts';
import { composeServices } from './services.ts';

export interface ProgramParts {
  readonly config: Config;
  readonly emit: Emit;
  /** Changes which of the emitted events are logged; asked for by PUT /admin/loggers/root. */
  readonly setLevel: EventLog['setLevel'];
  /** Called with the admin token at the first start on a database: the only time it is shown. */
  readonly showToken: (token: string) => void;
}

/** `start` stops what it had started when it fails; `stop` during `start` ends that, too. */
export function createProgram(parts: ProgramParts): Service {
  const { config, emit } = parts;
  const started: Service[] = [];
  let adapters: Adapters | null = null;
  let closeFolder: (() => void) | null = null;
  let stopping = false;

  const stop = async (): Promise<void> => {
    stopping = true;
    for (const service of started.splice(0).reverse()) await service.stop();
    const opened = adapters;
    adapters = null;
    await opened?.close();
    closeFolder?.();
    closeFolder = null;
  };

  const start = async (): Promise<void> => {
    try {
      const plugins = await loadPlugins(config);
      closeFolder = openDataFolder(config);
      adapters = await openAdapters(config, plugins, emit);
      for (const service of composeServices({ ...parts, plugins, adapters })) {
        if (stopping) break;
        started.push(service);
        await service.start();
      }
    } catch (error) {
      await stop();
      throw error;
    }
    if (stopping) await stop();
    else emit({ type: 'service.started', service: 'syncline', detail: `roles ${config.roles.join(', ')}` });
  };

  return { name: 'syncline', start, stop };
}
