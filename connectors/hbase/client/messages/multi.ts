// Many gets and mutations of one server in one call.
// MultiRequest{1* RegionAction{1! RegionSpecifier 2 bool atomic 3* Action{1 uint32 index 2 MutationProto 3 Get}}}
// MultiResponse{1* RegionActionResult{1* ResultOrException{1 index 2 Result 3 NameBytesPair exception} 2 NameBytesPair exception}}
// NameBytesPair{1! string class 2 bytes stack trace}. Region results stand in the request's order, results are matched by index; an
// exception is said of a region or of one action. The cells of all results follow in the cell block, in order.
import { ProtoReader } from '../wire/proto-reader.ts';
import { encodeMessage } from '../wire/proto-writer.ts';
import type { ProtoWriter } from '../wire/proto-writer.ts';
import { readGet, readResult, writeGet, writeResult } from './get.ts';
import type { Get, ResultHead } from './get.ts';
import { readMutation, writeMutation } from './mutation.ts';
import type { Mutation, MutationHead } from './mutation.ts';
import { readRegionSpecifier, writeRegionByName } from './region-info.ts';

export type Action = { readonly get: Get } | { readonly mutation: Mutation };

interface IndexedAction {
  readonly index: number;
  readonly action: Action;
}

export interface RegionActions {
  readonly regionName: Uint8Array;
  readonly actions: readonly IndexedAction[];
}

export function encodeMultiRequest(regions: readonly RegionActions[]): Buffer {
  return encodeMessage((writer) => {
    for (const region of regions) writer.message(1, (nested) => writeRegionActions(nested, region));
  });
}

function writeRegionActions(writer: ProtoWriter, region: RegionActions): void {
  writer.message(1, writeRegionByName(region.regionName));
  for (const { index, action } of region.actions) {
    writer.message(3, (nested) => {
      nested.uint32(1, index);
      if ('mutation' in action) nested.message(2, writeMutation(action.mutation));
      else nested.message(3, writeGet(action.get));
    });
  }
}

export interface ReceivedAction {
  readonly index: number;
  readonly get?: Get;
  readonly mutation?: MutationHead;
}

/** The request as a server reads it. */
export function decodeMultiRequest(bytes: Uint8Array): { regionName: Buffer; actions: ReceivedAction[] }[] {
  const reader = new ProtoReader(bytes);
  const regions: { regionName: Buffer; actions: ReceivedAction[] }[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const nested = new ProtoReader(reader.bytes());
    const region: (typeof regions)[number] = { regionName: Buffer.alloc(0), actions: [] };
    while (nested.next()) {
      if (nested.field === 1) region.regionName = readRegionSpecifier(nested.bytes()).name;
      else if (nested.field === 3) region.actions.push(readAction(nested.bytes()));
      else nested.skip();
    }
    regions.push(region);
  }
  return regions;
}

function readAction(bytes: Uint8Array): ReceivedAction {
  const reader = new ProtoReader(bytes);
  let index = 0;
  let get: Get | undefined;
  let mutation: MutationHead | undefined;
  while (reader.next()) {
    if (reader.field === 1) index = reader.uint32();
    else if (reader.field === 2) mutation = readMutation(reader.bytes());
    else if (reader.field === 3) get = readGet(reader.bytes());
    else reader.skip();
  }
  return { index, ...(get && { get }), ...(mutation && { mutation }) };
}

export interface ActionException {
  readonly className: string;
  readonly stackTrace: string;
}

export interface ActionResult {
  readonly index: number;
  /** Cells of the cell block that are this result; undefined with an exception. */
  readonly cellCount?: number;
  /** Answer to a get of `existenceOnly`. */
  readonly exists?: boolean;
  readonly exception?: ActionException;
}

export interface RegionResult {
  readonly results: readonly ActionResult[];
  /** Said of the region as a whole: none of its actions was done. */
  readonly exception?: ActionException;
}

export function decodeMultiResponse(bytes: Uint8Array): RegionResult[] {
  const reader = new ProtoReader(bytes);
  const regions: RegionResult[] = [];
  while (reader.next()) {
    if (reader.field === 1) regions.push(readRegionResult(reader.bytes()));
    else reader.skip();
  }
  return regions;
}

function readRegionResult(bytes: Uint8Array): RegionResult {
  const reader = new ProtoReader(bytes);
  const results: ActionResult[] = [];
  let exception: ActionException | undefined;
  while (reader.next()) {
    if (reader.field === 1) results.push(readActionResult(reader.bytes()));
    else if (reader.field === 2) exception = readActionException(reader.bytes());
    else reader.skip();
  }
  return { results, ...(exception && { exception }) };
}

function readActionResult(bytes: Uint8Array): ActionResult {
  const reader = new ProtoReader(bytes);
  let index = 0;
  let result: ResultHead = { cellCount: 0 };
  let exception: ActionException | undefined;
  while (reader.next()) {
    if (reader.field === 1) index = reader.uint32();
    else if (reader.field === 2) result = readResult(reader.bytes());
    else if (reader.field === 3) exception = readActionException(reader.bytes());
    else reader.skip();
  }
  return exception === undefined ? { index, ...result } : { index, exception };
}

function readActionException(bytes: Uint8Array): ActionException {
  const reader = new ProtoReader(bytes);
  let [className, stackTrace] = ['', ''];
  while (reader.next()) {
    if (reader.field === 1) className = reader.string();
    else if (reader.field === 2) stackTrace = reader.string();
    else reader.skip();
  }
  return { className, stackTrace };
}

export function encodeMultiResponse(regions: readonly RegionResult[]): Buffer {
  return encodeMessage((writer) => {
    for (const region of regions) {
      writer.message(1, (nested) => {
        for (const result of region.results) nested.message(1, (inner) => writeActionResult(inner, result));
        if (region.exception) nested.message(2, writeActionException(region.exception));
      });
    }
  });
}

function writeActionResult(writer: ProtoWriter, result: ActionResult): void {
  writer.uint32(1, result.index);
  if (result.exception !== undefined) writer.message(3, writeActionException(result.exception));
  else writer.message(2, writeResult({ cellCount: 0, ...result }));
}

function writeActionException(exception: ActionException): (writer: ProtoWriter) => void {
  return (writer) => writer.string(1, exception.className).bytes(2, Buffer.from(exception.stackTrace));
}
