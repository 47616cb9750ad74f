// A client of HBase that is not ours: makes tables, breaks clusters, and says what is really stored.
//
// One JSON object a line. In:  {"id":1,"command":"flush","table":"t", …}
//                         Out: {"id":1,"result":…}  or  {"id":1,"error":"…"}; first of all {"id":0,"result":"ready"}
// Rows, keys, qualifiers and values are base64, families are text. Ends when its input ends.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.CellUtil;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.HConstants;
import org.apache.hadoop.hbase.HRegionLocation;
import org.apache.hadoop.hbase.KeepDeletedCells;
import org.apache.hadoop.hbase.RegionMetrics;
import org.apache.hadoop.hbase.ServerName;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.io.encoding.DataBlockEncoding;
import org.apache.hadoop.hbase.quotas.QuotaSettingsFactory;
import org.apache.hadoop.hbase.quotas.ThrottleType;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hbase.thirdparty.com.google.gson.Gson;
import org.apache.hbase.thirdparty.com.google.gson.JsonArray;
import org.apache.hbase.thirdparty.com.google.gson.JsonElement;
import org.apache.hbase.thirdparty.com.google.gson.JsonObject;
import org.apache.hbase.thirdparty.com.google.gson.JsonParser;

public class HbaseOracle {
  private static final long WAIT_MS = 90_000;
  private static final long ASK_AGAIN_MS = 3_000;
  private static final Gson GSON = new Gson();
  private final Connection connection;
  private final Admin admin;

  private HbaseOracle(Connection connection) throws Exception {
    this.connection = connection;
    this.admin = connection.getAdmin();
  }

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    try (Connection connection = ConnectionFactory.createConnection(HBaseConfiguration.create())) {
      HbaseOracle oracle = new HbaseOracle(connection);
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      answers.println("{\"id\":0,\"result\":\"ready\"}");
      for (String line; (line = lines.readLine()) != null; ) answers.println(GSON.toJson(oracle.answer(line)));
    }
    System.exit(0);
  }

  private JsonObject answer(String line) {
    JsonObject request = JsonParser.parseString(line).getAsJsonObject();
    JsonObject answer = new JsonObject();
    answer.add("id", request.get("id"));
    try {
      answer.add("result", GSON.toJsonTree(run(new Request(request))));
    } catch (Exception | LinkageError error) {
      answer.addProperty("error", error.toString().split("\n", 2)[0]);
    }
    return answer;
  }

  private Object run(Request r) throws Exception {
    switch (r.text("command")) {
      case "createTable": return createTable(r);
      case "dropTable": return dropTable(r);
      case "disableTable": admin.disableTable(r.table()); return true;
      case "enableTable": admin.enableTable(r.table()); return true;
      case "load": return load(r);
      case "put": return put(r);
      case "delete": return delete(r);
      case "flush": admin.flush(r.table()); return true;
      case "majorCompact": return majorCompact(r);
      case "regions": return regions(r.table());
      case "servers": return servers();
      case "moveRegion": return moveRegion(r);
      case "splitRegion": return splitRegion(r);
      case "mergeRegions": return mergeRegions(r);
      case "balancer": return admin.balancerSwitch(r.flag("on"), true);
      case "throttle": return throttle(r);
      case "stopServer": return stopServer(r);
      case "checksum": return checksum(r);
      case "cells": return cells(r);
      default: throw new IllegalArgumentException("no such command: " + r.text("command"));
    }
  }

  // ---- tables

  private Object createTable(Request r) throws Exception {
    TableDescriptorBuilder table = TableDescriptorBuilder.newBuilder(r.table());
    for (Request f : r.list("families")) {
      ColumnFamilyDescriptorBuilder family = ColumnFamilyDescriptorBuilder.newBuilder(Bytes.toBytes(f.text("name")));
      if (f.has("versions")) family.setMaxVersions((int) f.number("versions"));
      if (f.has("ttlSeconds")) family.setTimeToLive((int) f.number("ttlSeconds"));
      if (f.has("keepDeletedCells") && f.flag("keepDeletedCells")) family.setKeepDeletedCells(KeepDeletedCells.TRUE);
      if (f.has("blockEncoding")) family.setDataBlockEncoding(DataBlockEncoding.valueOf(f.text("blockEncoding")));
      table.setColumnFamily(family.build());
    }
    byte[][] splits = r.bytesList("splitKeys").toArray(new byte[0][]);
    if (splits.length == 0) admin.createTable(table.build());
    else admin.createTable(table.build(), splits);
    return true;
  }

  private Object dropTable(Request r) throws Exception {
    if (!admin.tableExists(r.table())) return false;
    if (admin.isTableEnabled(r.table())) admin.disableTable(r.table());
    admin.deleteTable(r.table());
    return true;
  }

  // ---- cells

  /** Row i of `rows`: key = prefix + (firstRow + i) in `digits` digits; each column's value says its qualifier and row. */
  private Object load(Request r) throws Exception {
    long rows = r.number("rows");
    long firstRow = r.has("firstRow") ? r.number("firstRow") : 0;
    String keyFormat = r.text("keyPrefix") + "%0" + r.number("keyDigits") + "d";
    boolean skipWal = r.has("skipWal") && r.flag("skipWal");
    List<Request> columns = r.list("columns");
    BufferedMutatorParams params = new BufferedMutatorParams(r.table()).writeBufferSize(4L << 20);
    long cells = 0;
    try (BufferedMutator mutator = connection.getBufferedMutator(params)) {
      for (long i = firstRow; i < firstRow + rows; i++) {
        Put put = new Put(Bytes.toBytes(String.format(keyFormat, i)));
        if (skipWal) put.setDurability(Durability.SKIP_WAL);
        for (Request c : columns) addColumn(put, c, i, r);
        if (put.isEmpty()) continue;
        cells += put.size();
        mutator.mutate(put);
      }
    }
    return cells;
  }

  private static void addColumn(Put put, Request column, long row, Request load) {
    if (column.has("missingEvery") && row % column.number("missingEvery") == 0) return;
    String text = column.text("prefix") + row;
    byte[] value = Bytes.toBytes(text);
    if (column.has("valueBytes")) {
      byte[] padded = new byte[(int) column.number("valueBytes")];
      java.util.Arrays.fill(padded, (byte) '.');
      System.arraycopy(value, 0, padded, 0, Math.min(value.length, padded.length));
      value = padded;
    }
    byte[] family = Bytes.toBytes(column.text("family"));
    if (load.has("timestamp")) put.addColumn(family, column.bytes("qualifier"), load.number("timestamp"), value);
    else put.addColumn(family, column.bytes("qualifier"), value);
  }

  private Object put(Request r) throws Exception {
    List<Put> puts = new ArrayList<>();
    for (Request c : r.list("cells")) {
      Put put = new Put(c.bytes("row"));
      byte[] family = Bytes.toBytes(c.text("family"));
      if (c.has("timestamp")) put.addColumn(family, c.bytes("qualifier"), c.number("timestamp"), c.bytes("value"));
      else put.addColumn(family, c.bytes("qualifier"), c.bytes("value"));
      puts.add(put);
    }
    try (Table table = connection.getTable(r.table())) {
      table.put(puts);
    }
    return puts.size();
  }

  /** kind: row | family | column (all versions) | cell (the newest version, or that of `timestamp`) */
  private Object delete(Request r) throws Exception {
    List<Delete> deletes = new ArrayList<>();
    for (Request d : r.list("deletes")) {
      Delete delete = new Delete(d.bytes("row"));
      byte[] family = d.has("family") ? Bytes.toBytes(d.text("family")) : null;
      long timestamp = d.has("timestamp") ? d.number("timestamp") : HConstants.LATEST_TIMESTAMP;
      switch (d.text("kind")) {
        case "row": delete.setTimestamp(timestamp); break;
        case "family": delete.addFamily(family, timestamp); break;
        case "column": delete.addColumns(family, d.bytes("qualifier"), timestamp); break;
        case "cell": delete.addColumn(family, d.bytes("qualifier"), timestamp); break;
        default: throw new IllegalArgumentException("no such kind of delete: " + d.text("kind"));
      }
      deletes.add(delete);
    }
    int count = deletes.size();
    try (Table table = connection.getTable(r.table())) {
      table.delete(deletes);
    }
    return count;
  }

  private Scan scan(Request r) throws Exception {
    Scan scan = new Scan().setCaching(1000);
    if (r.has("startRow")) scan.withStartRow(r.bytes("startRow"));
    if (r.has("stopRow")) scan.withStopRow(r.bytes("stopRow"));
    if (r.has("minTimestamp") || r.has("maxTimestamp"))
      scan.setTimeRange(
          r.has("minTimestamp") ? r.number("minTimestamp") : 0,
          r.has("maxTimestamp") ? r.number("maxTimestamp") : Long.MAX_VALUE);
    if (r.has("columns"))
      for (Request c : r.list("columns")) {
        byte[] family = Bytes.toBytes(c.text("family"));
        if (c.has("qualifier")) scan.addColumn(family, c.bytes("qualifier"));
        else scan.addFamily(family);
      }
    if (r.has("raw") && r.flag("raw")) scan.setRaw(true);
    if (r.has("versions")) scan.readVersions((int) r.number("versions"));
    return scan;
  }

  private static final class Checksum { long rows; long cells; String sum; }

  /** The sum does not depend on the order of cells: CRC32 of each, added up in 64 bits. */
  private Object checksum(Request r) throws Exception {
    Checksum checksum = new Checksum();
    long sum = 0;
    try (Table table = connection.getTable(r.table()); ResultScanner scanner = table.getScanner(scan(r))) {
      for (Result row : scanner) {
        checksum.rows++;
        for (Cell cell : row.rawCells()) {
          checksum.cells++;
          sum += crc(cell);
        }
      }
    }
    checksum.sum = Long.toUnsignedString(sum);
    return checksum;
  }

  /** Over row | family | qualifier | timestamp (8 bytes) | type code (1 byte) | value, with the bar between. */
  private static long crc(Cell cell) {
    CRC32 crc = new CRC32();
    crc.update(cell.getRowArray(), cell.getRowOffset(), cell.getRowLength());
    crc.update('|');
    crc.update(cell.getFamilyArray(), cell.getFamilyOffset(), cell.getFamilyLength());
    crc.update('|');
    crc.update(cell.getQualifierArray(), cell.getQualifierOffset(), cell.getQualifierLength());
    crc.update('|');
    crc.update(ByteBuffer.allocate(8).putLong(cell.getTimestamp()).array());
    crc.update('|');
    crc.update(cell.getTypeByte());
    crc.update('|');
    crc.update(cell.getValueArray(), cell.getValueOffset(), cell.getValueLength());
    return crc.getValue();
  }

  private static final class CellText { String row, family, qualifier, value; long timestamp; int type; }

  private Object cells(Request r) throws Exception {
    List<CellText> found = new ArrayList<>();
    long limit = r.number("limit");
    try (Table table = connection.getTable(r.table()); ResultScanner scanner = table.getScanner(scan(r))) {
      for (Result row : scanner)
        for (Cell cell : row.rawCells()) {
          if (found.size() >= limit) return found;
          CellText text = new CellText();
          text.row = base64(CellUtil.cloneRow(cell));
          text.family = Bytes.toString(CellUtil.cloneFamily(cell));
          text.qualifier = base64(CellUtil.cloneQualifier(cell));
          text.value = base64(CellUtil.cloneValue(cell));
          text.timestamp = cell.getTimestamp();
          text.type = cell.getTypeByte();
          found.add(text);
        }
    }
    return found;
  }

  // ---- regions and servers

  private static final class Region { String encodedName, startKey, endKey, server; }

  private List<Region> regions(TableName table) throws Exception {
    List<Region> regions = new ArrayList<>();
    for (HRegionLocation location : locations(table)) {
      Region region = new Region();
      region.encodedName = location.getRegion().getEncodedName();
      region.startKey = base64(location.getRegion().getStartKey());
      region.endKey = base64(location.getRegion().getEndKey());
      region.server = location.getServerName() == null ? null : location.getServerName().getServerName();
      regions.add(region);
    }
    return regions;
  }

  private List<HRegionLocation> locations(TableName table) throws Exception {
    try (RegionLocator locator = connection.getRegionLocator(table)) {
      locator.clearRegionLocationCache();
      return locator.getAllRegionLocations();
    }
  }

  private HRegionLocation location(TableName table, String encodedName) throws Exception {
    for (HRegionLocation location : locations(table))
      if (location.getRegion().getEncodedName().equals(encodedName)) return location;
    throw new IllegalArgumentException("no such region: " + encodedName);
  }

  private List<String> servers() throws Exception {
    List<String> names = new ArrayList<>();
    for (ServerName server : admin.getRegionServers()) names.add(server.getServerName());
    return names;
  }

  private Object moveRegion(Request r) throws Exception {
    HRegionLocation from = location(r.table(), r.text("region"));
    ServerName to = null;
    if (r.has("server")) to = ServerName.valueOf(r.text("server"));
    else for (ServerName server : admin.getRegionServers()) if (!server.equals(from.getServerName())) to = server;
    if (to == null) throw new IllegalStateException("there is no other region server");
    ServerName target = to;
    // The master puts a region elsewhere when the target has only just joined: then it is asked again.
    long[] askAgainAt = {0};
    waitUntil("move", () -> {
      if (System.currentTimeMillis() > askAgainAt[0]) {
        admin.move(from.getRegion().getEncodedNameAsBytes(), target);
        askAgainAt[0] = System.currentTimeMillis() + ASK_AGAIN_MS;
      }
      return target.equals(location(r.table(), r.text("region")).getServerName());
    });
    return to.getServerName();
  }

  private Object splitRegion(Request r) throws Exception {
    HRegionLocation region = location(r.table(), r.text("region"));
    int before = locations(r.table()).size();
    admin.splitRegionAsync(region.getRegion().getRegionName(), r.bytes("splitKey")).get(WAIT_MS, TimeUnit.MILLISECONDS);
    waitUntil("split", () -> regions(r.table()).stream().filter(x -> x.server != null).count() == before + 1);
    return regions(r.table());
  }

  private Object mergeRegions(Request r) throws Exception {
    int before = locations(r.table()).size();
    byte[] first = Bytes.toBytes(r.text("first"));
    byte[] second = Bytes.toBytes(r.text("second"));
    admin.mergeRegionsAsync(new byte[][] {first, second}, false).get(WAIT_MS, TimeUnit.MILLISECONDS);
    waitUntil("merge", () -> regions(r.table()).stream().filter(x -> x.server != null).count() == before - 1);
    return regions(r.table());
  }

  /** Done when every file of every region was written by a major compaction that began after the request. */
  private Object majorCompact(Request r) throws Exception {
    admin.flush(r.table());
    // Times of files are those of the servers' clock, which is this machine's.
    long requested = System.currentTimeMillis();
    admin.majorCompact(r.table());
    int families = admin.getDescriptor(r.table()).getColumnFamilyCount();
    waitUntil("major compaction", () -> {
      for (ServerName server : admin.getRegionServers())
        for (RegionMetrics region : admin.getRegionMetrics(server, r.table()))
          if (region.getStoreFileCount() > 0
              && (region.getStoreFileCount() > families || region.getLastMajorCompactionTimestamp() < requested))
            return false;
      return admin.getCompactionState(r.table()) == CompactionState.NONE;
    });
    return true;
  }

  private Object throttle(Request r) throws Exception {
    admin.setQuota(QuotaSettingsFactory.throttleTable(
        r.table(), ThrottleType.REQUEST_NUMBER, r.number("requestsPerSecond"), TimeUnit.SECONDS));
    return true;
  }

  private Object stopServer(Request r) throws Exception {
    ServerName server = ServerName.valueOf(r.text("server"));
    admin.stopRegionServer(server.getAddress().toString());
    waitUntil("stop", () -> !admin.getRegionServers().contains(server) && admin.getClusterMetrics()
        .getRegionStatesInTransition().isEmpty());
    if (r.has("table")) waitUntil("reassignment", () -> {
      for (HRegionLocation location : locations(r.table()))
        if (location.getServerName() == null || location.getServerName().equals(server)) return false;
      return true;
    });
    return true;
  }

  private static void waitUntil(String what, Callable<Boolean> condition) throws Exception {
    long deadline = System.currentTimeMillis() + WAIT_MS;
    while (!condition.call()) {
      if (System.currentTimeMillis() > deadline) throw new IllegalStateException(what + " did not end in time");
      Thread.sleep(50);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static final class Request {
    private final JsonObject json;
    Request(JsonObject json) { this.json = json; }
    boolean has(String name) { return json.has(name) && !json.get(name).isJsonNull(); }
    String text(String name) { return field(name).getAsString(); }
    long number(String name) { return field(name).getAsLong(); }
    boolean flag(String name) { return field(name).getAsBoolean(); }
    byte[] bytes(String name) { return Base64.getDecoder().decode(text(name)); }
    TableName table() { return TableName.valueOf(text("table")); }
    List<Request> list(String name) {
      List<Request> items = new ArrayList<>();
      for (JsonElement item : field(name).getAsJsonArray()) items.add(new Request(item.getAsJsonObject()));
      return items;
    }
    List<byte[]> bytesList(String name) {
      List<byte[]> items = new ArrayList<>();
      JsonArray array = has(name) ? field(name).getAsJsonArray() : new JsonArray();
      for (JsonElement item : array) items.add(Base64.getDecoder().decode(item.getAsString()));
      return items;
    }
    private JsonElement field(String name) {
      if (!has(name)) throw new IllegalArgumentException("missing: " + name);
      return json.get(name);
    }
  }
}
