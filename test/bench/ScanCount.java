// The reference of the hbase-scan bench: HBase's own Java client, which counts what it reads and does nothing else with it.
// Same protocol as HbaseOracle.java: one JSON object a line each way, the first, unasked, has id 0.
//   scan   {table, scanners}   all cells, STREAM, 4 MB per response           → {rows, cells, ms}
//   keys   {table, scanners}   FirstKeyOnly and KeyOnly: counting rows        → {rows, cells, ms}
//   sum    {table}             CRC32 of each row's cells in their wire form   → {rows, cells, sum}
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.HRegionLocation;
import org.apache.hadoop.hbase.KeyValue;
import org.apache.hadoop.hbase.KeyValueUtil;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.filter.FilterList;
import org.apache.hadoop.hbase.filter.FirstKeyOnlyFilter;
import org.apache.hadoop.hbase.filter.KeyOnlyFilter;
import org.apache.hbase.thirdparty.com.google.gson.Gson;
import org.apache.hbase.thirdparty.com.google.gson.JsonObject;
import org.apache.hbase.thirdparty.com.google.gson.JsonParser;

public class ScanCount {
  private static final Gson GSON = new Gson();
  private static final long RESPONSE_BYTES = 4L << 20;
  private final Connection connection;

  private static final class Count { long rows, cells, ms; String sum; }

  private ScanCount(Connection connection) { this.connection = connection; }

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    try (Connection connection = ConnectionFactory.createConnection(HBaseConfiguration.create())) {
      ScanCount program = new ScanCount(connection);
      BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      answers.println("{\"id\":0,\"result\":\"ready\"}");
      for (String line; (line = lines.readLine()) != null; ) answers.println(GSON.toJson(program.answer(line)));
    }
    System.exit(0);
  }

  private JsonObject answer(String line) {
    JsonObject request = JsonParser.parseString(line).getAsJsonObject();
    JsonObject answer = new JsonObject();
    answer.add("id", request.get("id"));
    try {
      TableName table = TableName.valueOf(request.get("table").getAsString());
      String command = request.get("command").getAsString();
      Count count = command.equals("sum")
          ? sum(table)
          : count(table, request.get("scanners").getAsInt(), command.equals("keys"));
      answer.add("result", GSON.toJsonTree(count));
    } catch (Exception | LinkageError error) {
      answer.addProperty("error", error.toString().split("\n", 2)[0]);
    }
    return answer;
  }

  private static Scan scan(boolean keysOnly) {
    Scan scan = new Scan().setReadType(Scan.ReadType.STREAM).setCacheBlocks(false)
        .setMaxResultSize(RESPONSE_BYTES).setCaching(Integer.MAX_VALUE);
    return keysOnly ? scan.setFilter(new FilterList(new FirstKeyOnlyFilter(), new KeyOnlyFilter())) : scan;
  }

  /** One scanner reads the whole table; several take its regions one by one. */
  private Count count(TableName table, int scanners, boolean keysOnly) throws Exception {
    long started = System.nanoTime();
    ConcurrentLinkedQueue<Scan> scans = new ConcurrentLinkedQueue<>();
    if (scanners == 1) scans.add(scan(keysOnly));
    else
      try (RegionLocator locator = connection.getRegionLocator(table)) {
        for (HRegionLocation location : locator.getAllRegionLocations())
          scans.add(scan(keysOnly).withStartRow(location.getRegion().getStartKey())
              .withStopRow(location.getRegion().getEndKey()));
      }
    ExecutorService threads = Executors.newFixedThreadPool(scanners);
    List<Future<Count>> parts = new ArrayList<>();
    for (int i = 0; i < scanners; i++) parts.add(threads.submit(() -> drain(table, scans)));
    Count all = new Count();
    for (Future<Count> part : parts) {
      all.rows += part.get().rows;
      all.cells += part.get().cells;
    }
    threads.shutdown();
    all.ms = (System.nanoTime() - started) / 1_000_000;
    return all;
  }

  private Count drain(TableName table, ConcurrentLinkedQueue<Scan> scans) throws Exception {
    Count count = new Count();
    for (Scan scan; (scan = scans.poll()) != null; )
      try (Table open = connection.getTable(table); ResultScanner scanner = open.getScanner(scan)) {
        for (Result row : scanner) {
          count.rows++;
          count.cells += row.size();
        }
      }
    return count;
  }

  /** Per cell: int32 length of the rest | int32 key length | int32 value length | key | value. */
  private Count sum(TableName table) throws Exception {
    Count count = new Count();
    long sum = 0;
    try (Table open = connection.getTable(table); ResultScanner scanner = open.getScanner(scan(false))) {
      for (Result row : scanner) {
        CRC32 crc = new CRC32();
        for (Cell cell : row.rawCells()) {
          KeyValue keyValue = KeyValueUtil.ensureKeyValue(cell);
          int length = keyValue.getLength();
          crc.update(ByteBuffer.allocate(4).putInt(length).array());
          crc.update(keyValue.getBuffer(), keyValue.getOffset(), length);
          count.cells++;
        }
        count.rows++;
        sum += crc.getValue();
      }
    }
    count.sum = Long.toString(sum);
    return count;
  }
}
