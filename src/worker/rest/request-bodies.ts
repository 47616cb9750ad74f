// The bodies that requests may have, read as strictly as Connect reads them: an unknown field or a wrong type is a 500.
import type { SentConfig } from '../../core/connector/config-def.ts';
import type { TargetState } from '../control/connector-state.ts';
import type { OffsetEntry, OffsetMap } from '../control/offset-request.ts';
import { HttpError, nullPointer } from './http-error.ts';
import type { JsonObject, JsonValue } from './json-reader.ts';
import { JsonNumber, readJson, toPlain } from './json-reader.ts';

const ENTITIES = 'org.apache.kafka.connect.runtime.rest.entities.';
const CREATE = `${ENTITIES}CreateConnectorRequest`;

export interface CreateBody {
  /** Trimmed; empty when there was none. */
  readonly name: string;
  /** null: there was none. */
  readonly config: SentConfig | null;
  readonly target: TargetState;
}

/** Body of `POST /connectors`. */
export function readCreateBody(text: string): CreateBody {
  const body = readJson(text) ?? null;
  if (body === null) throw nullPointer(`${CREATE}.name()`, 'createRequest');
  const fields = readObject(body, CREATE);
  refuseUnknown(fields, CREATE, ['config', 'name', 'initial_state']);
  const name = fields.get('name') ?? null;
  const config = fields.get('config') ?? null;
  return {
    name: name === null ? '' : readText(name).trim(),
    config: config === null ? null : readFlatMap(config),
    target: readInitialState(fields.get('initial_state') ?? null),
  };
}

/** Of a body that is a flat map of settings itself; null: it is empty, or `null`. */
export function readConfigBody(text: string): Pick<CreateBody, 'config'> {
  const body = readJson(text) ?? null;
  return { config: body === null ? null : readFlatMap(body) };
}

/** Body of `PATCH …/offsets`. */
export function readOffsetsBody(text: string): readonly OffsetEntry[] {
  const body = readJson(text) ?? null;
  if (body === null) throw nullPointer(`${ENTITIES}ConnectorOffsets.offsets()`, 'offsets');
  const fields = readObject(body, `${ENTITIES}ConnectorOffsets`);
  refuseUnknown(fields, `${ENTITIES}ConnectorOffsets`, ['offsets']);
  const list = fields.get('offsets') ?? [];
  if (!Array.isArray(list)) throw wrongType(`java.util.ArrayList<${ENTITIES}ConnectorOffset>`, list);
  if (list.length === 0)
    throw new HttpError(400, 'Partitions / offsets need to be provided for an alter offsets request');
  return (list as readonly JsonValue[]).map((item) => {
    const entry = readObject(item, `${ENTITIES}ConnectorOffset`);
    refuseUnknown(entry, `${ENTITIES}ConnectorOffset`, ['partition', 'offset']);
    return {
      partition: readMap(entry.get('partition') ?? null),
      offset: readMap(entry.get('offset') ?? null),
    };
  });
}

function readInitialState(value: JsonValue): TargetState {
  const text = value === null ? 'RUNNING' : readText(value).toUpperCase();
  if (text === 'RUNNING') return 'STARTED';
  if (text === 'PAUSED' || text === 'STOPPED') return text;
  throw new HttpError(
    500,
    `Cannot construct instance of \`${CREATE}$InitialState\`, problem: No enum constant ${CREATE}.InitialState.${text}`,
  );
}

function readObject(value: JsonValue, className: string): JsonObject {
  if (value instanceof Map) return value as JsonObject;
  throw wrongType(className, value);
}

function refuseUnknown(fields: JsonObject, className: string, known: readonly string[]): void {
  const stranger = [...fields.keys()].find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const list = known.map((name) => `"${name}"`).join(', ');
  const count = known.length === 1 ? 'one known property' : `${known.length} known properties`;
  throw new HttpError(
    500,
    `Unrecognized field "${stranger}" (class ${className}), not marked as ignorable (${count}: ${list})`,
  );
}

function readMap(value: JsonValue): OffsetMap | null {
  return value === null ? null : (toPlain(readMapValue(value)) as OffsetMap);
}

function readFlatMap(value: JsonValue): SentConfig {
  const entries = [...readMapValue(value)].map(([key, entry]): [string, string | null] => [
    key,
    entry === null ? null : readText(entry),
  ]);
  return Object.fromEntries(entries);
}

function readMapValue(value: JsonValue): JsonObject {
  if (value instanceof Map) return value as JsonObject;
  if (typeof value === 'string')
    throw new HttpError(
      500,
      `Cannot construct instance of \`java.util.LinkedHashMap\` (although at least one Creator exists): no String-argument constructor/factory method to deserialize from String value ('${value}')`,
    );
  throw wrongType('java.util.LinkedHashMap<java.lang.Object,java.lang.Object>', value);
}

/** Text, and what Jackson takes for text: numbers as they were written, booleans. */
function readText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof JsonNumber) return value.text;
  throw wrongType('java.lang.String', value);
}

function wrongType(wanted: string, found: JsonValue): HttpError {
  return new HttpError(500, `Cannot deserialize value of type \`${wanted}\` from ${nameOf(found)}`);
}

function nameOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'Array value (token `JsonToken.START_ARRAY`)';
  if (value instanceof Map) return 'Object value (token `JsonToken.START_OBJECT`)';
  if (value instanceof JsonNumber) return 'Integer value (token `JsonToken.VALUE_NUMBER_INT`)';
  if (typeof value === 'boolean') return 'Boolean value (token `JsonToken.VALUE_TRUE`)';
  return 'String value (token `JsonToken.VALUE_STRING`)';
}
