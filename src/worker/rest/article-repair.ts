// Article 003 prints two request bodies that its own line wrapping damaged. They must work as printed, so exactly that damage
// is undone, and only in bodies that hold `pkuse.`: in the text, when it is not JSON, a blank between a backslash and its quote
// (`\ "maprule\"`); in a value, what the connector declares for its key (`repairs`).
import type { ConfigDef, SentConfig } from '../../core/connector/config-def.ts';
import type { PluginRegistry } from '../../core/connector/plugin-registry.ts';
import { findPlugin } from '../../core/connector/plugin-registry.ts';
import { HttpError } from './http-error.ts';

export interface RepairedBody<T> {
  readonly body: T;
  /** What was undone, in words; empty for a sound body. */
  readonly repairs: readonly string[];
}

/** Reads a body that holds a configuration; throws what `read` throws for a body that is damaged in another way. */
export function readRepaired<T extends { readonly config: SentConfig | null }>(
  text: string,
  read: (text: string) => T,
  registry: PluginRegistry,
): RepairedBody<T> {
  if (!text.includes('pkuse.')) return { body: read(text), repairs: [] };
  const { body, repairs } = readRepairedText(text, read);
  if (body.config === null) return { body, repairs };
  const config = repairValues(body.config, registry);
  return { body: { ...body, config: config.value }, repairs: [...repairs, ...config.repairs] };
}

function readRepairedText<T>(text: string, read: (text: string) => T): RepairedBody<T> {
  try {
    return { body: read(text), repairs: [] };
  } catch (error) {
    const sound = joinEscapes(text);
    if (!(error instanceof HttpError) || sound === text) throw error;
    return { body: read(sound), repairs: ['a blank between a backslash and its quote'] };
  }
}

// A backslash before a blank is an escape that JSON does not have; one that is itself escaped is left alone.
function joinEscapes(text: string): string {
  return text.replace(/(?<!\\)((?:\\\\)*\\) "/g, '$1"');
}

function repairValues(
  config: SentConfig,
  registry: PluginRegistry,
): { readonly value: SentConfig; readonly repairs: readonly string[] } {
  const repairs: string[] = [];
  const value: Record<string, string | null> = { ...config };
  for (const key of keysOf(config['connector.class'] ?? '', registry))
    for (const { what, apply } of key.repairs ?? []) {
      const given = Object.hasOwn(value, key.name) ? (value[key.name] ?? null) : null;
      const sound = given === null ? null : apply(given);
      if (sound === given) continue;
      repairs.push(what);
      value[key.name] = sound;
    }
  return { value, repairs };
}

/** That there is no such class, or several of that name, is said where the configuration is checked. */
function keysOf(className: string, registry: PluginRegistry): ConfigDef {
  return findPlugin(registry.all, className.trim())?.configDef ?? [];
}
