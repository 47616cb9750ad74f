// A Kafka cluster in this process: real sockets and the real protocol, logs in arrays, answers to order.
// It keeps the rules an idempotent producer relies on: the next sequence is stored, one of the last five is known, others refused.
import { once } from 'node:events';
import * as net from 'node:net';
import { stampProducer, writeBaseOffset } from '../../src/core/record/batch-header.ts';
import { fillCrc } from '../../src/log/batch-crc.ts';
import { WireReader } from '../../src/log/kafka/wire/wire-reader.ts';
import { WireWriter } from '../../src/log/kafka/wire/wire-writer.ts';

const REMEMBERED = 5;
const NOT_LEADER = 6;
const UNKNOWN_SERVER_ERROR = -1;
const UNKNOWN_TOPIC = 3;
const OUT_OF_ORDER = 45;

export interface ProduceOrder {
  /** What the producer is told. */
  readonly code: number;
  /** Whether the batch is stored all the same. */
  readonly stored: boolean;
}

export interface FakePartition {
  leader: number;
  readonly batches: Buffer[];
  end: number;
  /** Sequences of the last batches, oldest first, and the next expected. */
  readonly sequences: number[];
  expected: number;
}

export interface FakeKafka {
  /** For openKafkaLog. */
  readonly brokers: string;
  readonly partitions: FakePartition[];
  /** Taken one by one by the next produce requests, before they reach the log. */
  readonly produceOrders: ProduceOrder[];
  /** Changes as if the topic had been deleted and created again. */
  topicId: number;
  /** Highest version of every API. */
  maxVersion: number;
  /** Changes a fetched partition's bytes on the way out. */
  distort: ((batches: Buffer, offset: number) => Buffer) | null;
  produced: number;
  close(): Promise<void>;
}

export const FAKE_TOPIC = 'orders';

/** Node ids are 1 to `nodes`; every partition of the one topic is led by node 1 at first. */
export async function startFakeKafka(options: { nodes: number; partitions: number }): Promise<FakeKafka> {
  const servers: net.Server[] = [];
  const sockets = new Set<net.Socket>();
  const ports: number[] = [];
  const kafka: FakeKafka = {
    brokers: '',
    partitions: Array.from({ length: options.partitions }, () => ({
      leader: 1,
      batches: [],
      end: 0,
      sequences: [],
      expected: 0,
    })),
    produceOrders: [],
    topicId: 1,
    maxVersion: 99,
    distort: null,
    produced: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) await new Promise((resolve) => server.close(resolve));
    },
  };
  for (let node = 1; node <= options.nodes; node += 1) {
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
      serve(socket, (request) => answer({ kafka, ports, node }, request));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    ports.push((server.address() as net.AddressInfo).port);
  }
  return Object.assign(kafka, { brokers: ports.map((port) => `127.0.0.1:${port}`).join(',') });
}

interface Node {
  readonly kafka: FakeKafka;
  readonly ports: readonly number[];
  readonly node: number;
}

type Answer = Buffer | Promise<Buffer>;

/** Answers one by one, as a broker does. */
function serve(socket: net.Socket, respond: (request: Buffer) => Answer): void {
  let received = Buffer.alloc(0);
  let last = Promise.resolve();
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0);
      const request = received.subarray(4, end);
      received = received.subarray(end);
      last = last.then(async () => {
        const body = await respond(request);
        const size = Buffer.alloc(4);
        size.writeInt32BE(body.length);
        if (!socket.destroyed) socket.write(Buffer.concat([size, body]));
      });
    }
  });
}

function answer(node: Node, request: Buffer): Answer {
  const reader = new WireReader(request);
  const key = reader.int16();
  const version = reader.int16();
  const out = new WireWriter().int32(reader.int32());
  reader.string();
  if (version > node.kafka.maxVersion && key !== 18) throw new Error(`version ${version} of ${key}`);
  switch (key) {
    case 0:
      return produce(node, reader, out);
    case 1:
      return fetch(node, reader, out);
    case 2:
      return listOffsets(node, reader, out);
    case 3:
      return metadata(node, out);
    case 18:
      return apiVersions(node, out);
    case 22:
      return out.int32(0).int16(0).int64(4711).int16(0).finish();
    case 32:
      return out
        .int32(0)
        .int32(1)
        .int16(UNKNOWN_SERVER_ERROR)
        .string(null)
        .int8(2)
        .string(null)
        .int32(0)
        .finish();
    default:
      throw new Error(`nobody taught this broker API ${key}`);
  }
}

function apiVersions({ kafka }: Node, out: WireWriter): Buffer {
  out.int16(0);
  return out
    .array([0, 1, 2, 3, 18, 19, 22, 32], (key) => {
      out.int16(key).int16(0).int16(kafka.maxVersion);
    })
    .finish();
}

function metadata({ kafka, ports }: Node, out: WireWriter): Buffer {
  out.tags().int32(0);
  out.compactArray(ports, (port) => {
    out
      .int32(ports.indexOf(port) + 1)
      .compactString('127.0.0.1')
      .int32(port)
      .unsignedVarint(0)
      .tags();
  });
  out.compactString('cluster').int32(1).unsignedVarint(2);
  out.int16(0).compactString(FAKE_TOPIC).raw(Buffer.alloc(16, kafka.topicId)).boolean(false);
  out.compactArray(kafka.partitions, (partition) => {
    out.int16(0).int32(kafka.partitions.indexOf(partition)).int32(partition.leader).int32(0);
    out.unsignedVarint(1).unsignedVarint(1).unsignedVarint(1).tags();
  });
  return out.int32(0).tags().int32(0).tags().finish();
}

function produce({ kafka, node }: Node, reader: WireReader, out: WireWriter): Buffer {
  reader.string();
  reader.int16();
  for (let fields = 0; fields < 2; fields += 1) reader.int32();
  const topic = reader.string();
  reader.int32();
  const index = reader.int32();
  const batch = Buffer.from(reader.bytes() ?? []);
  const partition = kafka.partitions[index];
  kafka.produced += 1;
  let code: number;
  if (topic !== FAKE_TOPIC || partition === undefined) code = UNKNOWN_TOPIC;
  else if (partition.leader !== node) code = NOT_LEADER;
  else {
    const order = kafka.produceOrders.shift();
    const stored = order === undefined || order.stored ? store(partition, batch) : order.code;
    code = order === undefined || order.code === 0 ? stored : order.code;
  }
  out.int32(1).string(topic).int32(1).int32(index).int16(code);
  return out.int64(0).int64(-1).int64(0).int32(0).finish();
}

function store(partition: FakePartition, batch: Buffer): number {
  const sequence = batch.readInt32BE(53);
  const records = batch.readInt32BE(57);
  if (partition.sequences.slice(-REMEMBERED).includes(sequence)) return 0;
  if (sequence !== partition.expected) return OUT_OF_ORDER;
  writeBaseOffset(batch, partition.end);
  partition.batches.push(batch);
  partition.sequences.push(sequence);
  partition.expected += records;
  partition.end += records;
  return 0;
}

/** Puts a batch into the log as some other producer's. */
export function plant(partition: FakePartition, bytes: Buffer): void {
  const batch = Buffer.from(bytes);
  stampProducer(batch, { producerId: -1, producerEpoch: -1, sequence: -1 });
  writeBaseOffset(batch, partition.end);
  fillCrc(batch);
  partition.batches.push(batch);
  partition.end += batch.readInt32BE(57);
}

async function fetch({ kafka, node }: Node, reader: WireReader, out: WireWriter): Promise<Buffer> {
  for (let fields = 0; fields < 4; fields += 1) reader.int32();
  reader.int8();
  for (let fields = 0; fields < 3; fields += 1) reader.int32();
  const topic = reader.string();
  const asked = reader.array(() => {
    const partition = reader.int32();
    reader.int32();
    const offset = reader.int64();
    reader.int64();
    return { partition, offset, maxBytes: reader.int32() };
  });
  // A long poll in small: nothing new is said a little later.
  if (asked.every(({ partition, offset }) => offset === kafka.partitions[partition]?.end))
    await new Promise((resolve) => setTimeout(resolve, 5));
  out.int32(0).int16(0).int32(0).int32(1).string(topic);
  return out
    .array(asked, ({ partition: index, offset, maxBytes }) => {
      const partition = kafka.partitions[index];
      const led = partition?.leader === node;
      const known = partition !== undefined && offset >= 0 && offset <= partition.end;
      const code = !led ? NOT_LEADER : known ? 0 : 1;
      out.int32(index).int16(code).int64(0).int64(0).int64(0).int32(-1).int32(-1);
      const batches = code === 0 && partition !== undefined ? from(partition, offset) : Buffer.alloc(0);
      const sent = kafka.distort === null ? batches : kafka.distort(batches, offset);
      const cut = sent.subarray(0, Math.max(maxBytes, firstLength(sent)));
      out.int32(cut.length).raw(cut);
    })
    .finish();
}

const firstLength = (batches: Buffer): number => (batches.length < 12 ? 0 : 12 + batches.readInt32BE(8));

/** From the batch on that holds the offset. */
function from(partition: FakePartition, offset: number): Buffer {
  return Buffer.concat(
    partition.batches.filter((batch) => Number(batch.readBigInt64BE(0)) + batch.readInt32BE(57) > offset),
  );
}

function listOffsets({ kafka }: Node, reader: WireReader, out: WireWriter): Buffer {
  reader.int32();
  reader.int32();
  const topic = reader.string();
  const asked = reader.array(() => ({ partition: reader.int32(), time: reader.int64() }));
  out.int32(1).string(topic);
  return out
    .array(asked, ({ partition, time }) => {
      const end = kafka.partitions[partition]?.end ?? 0;
      out
        .int32(partition)
        .int16(0)
        .int64(-1)
        .int64(time === -2 ? 0 : end);
    })
    .finish();
}
