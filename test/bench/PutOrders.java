// The reference of the hbase-sink bench: HBase's own Java client, which puts rows through a BufferedMutator.
// Same protocol as HbaseOracle.java: one JSON object a line each way, the first, unasked, has id 0.
//   put  {table, file, family}   lines of a file: fields parted by tabs, in the order of its first line's names; the first is the row
//                                key, all go to columns of their names                         → {rows, ms}
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.*;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hbase.thirdparty.com.google.gson.Gson;
import org.apache.hbase.thirdparty.com.google.gson.JsonObject;
import org.apache.hbase.thirdparty.com.google.gson.JsonParser;

public class PutOrders {
  private static final Gson GSON = new Gson();
  private final Connection connection;

  private static final class Count { long rows, ms; }

  private PutOrders(Connection connection) { this.connection = connection; }

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    try (Connection connection = ConnectionFactory.createConnection(HBaseConfiguration.create())) {
      PutOrders program = new PutOrders(connection);
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
      answer.add("result", GSON.toJsonTree(put(
          TableName.valueOf(request.get("table").getAsString()),
          Path.of(request.get("file").getAsString()),
          Bytes.toBytes(request.get("family").getAsString()))));
    } catch (Exception | LinkageError error) {
      answer.addProperty("error", error.toString().split("\n", 2)[0]);
    }
    return answer;
  }

  /** The lines are in memory before the clock starts, as the rows of the other side are. */
  private Count put(TableName table, Path file, byte[] family) throws Exception {
    List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    byte[][] columns = split(lines.get(0)).stream().map(Bytes::toBytes).toArray(byte[][]::new);
    Count count = new Count();
    long started = System.nanoTime();
    try (BufferedMutator mutator = connection.getBufferedMutator(table)) {
      for (String line : lines.subList(1, lines.size())) {
        List<String> values = split(line);
        Put put = new Put(Bytes.toBytes(values.get(0)));
        for (int i = 0; i < columns.length; i++) put.addColumn(family, columns[i], Bytes.toBytes(values.get(i)));
        mutator.mutate(put);
        count.rows++;
      }
    }
    count.ms = (System.nanoTime() - started) / 1_000_000;
    return count;
  }

  private static List<String> split(String line) { return List.of(line.split("\t", -1)); }
}
