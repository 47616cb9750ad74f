// Writes the golden vectors of the value encodings: what HBase's and Phoenix's own classes make of values, as JSON to standard output.
// Run (jars: HBase's from the launcher's Maven cache; org.apache.phoenix:phoenix-core-client:5.2.1 and
// org.apache.phoenix.thirdparty:phoenix-shaded-guava:2.1.0, joda-time:joda-time:2.12.5 from Maven):
//   java -cp "phoenix/*:hbase/*" test/support/EncodingVectors.java > test/golden/hbase-encodings.json
// A vector: encoding, type of the field, hex of the bytes, text that the field must get; null = NULL, "!" = must be refused.
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.hbase.util.Bytes;
import org.apache.hadoop.hbase.util.Order;
import org.apache.hadoop.hbase.util.OrderedBytes;
import org.apache.hadoop.hbase.util.SimplePositionedMutableByteRange;
import org.apache.phoenix.schema.SaltingUtil;
import org.apache.phoenix.schema.SortOrder;
import org.apache.phoenix.schema.types.*;

public class EncodingVectors {
  private static final List<String> LINES = new ArrayList<>();

  public static void main(String[] args) throws Exception {
    bytes();
    phoenixIntegers();
    phoenixOthers();
    phoenixDates();
    ordered();
    salts();
    System.out.println("[\n" + String.join(",\n", LINES) + "\n]");
    System.exit(0);
  }

  private static final long[] LONGS = {
    0, 1, -1, 42, -128, 127, 255, 256, 32767, -32768, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE, 4294967296L,
    9007199254740993L, -9007199254740993L, 1000000000000000000L, Long.MAX_VALUE, Long.MIN_VALUE };
  private static final double[] DOUBLES = {
    0, 1, -1, 0.5, -1.5, 19.99, 0.1, 123456.78, -0.001, 1e21, 1e-7, Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE };
  private static final float[] FLOATS = { 0f, 1f, -1f, 1.1f, -2.5f, 0.3f, 16777216f, -0.001f };
  private static final String[] DECIMALS = {
    "0", "1", "-1", "10", "100", "-100", "12.50", "-12.50", "0.5", "0.05", "0.005", "-0.05", "99", "101", "123.45", "-123.45", "1234.5",
    "1000000", "0.000001", "9999999999999999999999999999999", "-9999999999999999999999999999999",
    "1234567890123456789012345678901", "0.1234567890123456789012345678901", "-12345678901234567890.12345678901", "1E+20", "-7E-20" };
  private static final String[] TEXTS = { "a", "abc", "北京", "Zürich", "a b", "\u00ff\ud83d\ude00" };

  private static void bytes() {
    for (long n : LONGS) {
      add("int64", "bigint", Bytes.toBytes(n), Long.toString(n));
      add("uint64", "decimal(20,0)", Bytes.toBytes(n), Long.toUnsignedString(n));
      if (n == (int) n) add("int32", "int", Bytes.toBytes((int) n), Long.toString(n));
      if (n == (int) n) add("uint32", "bigint", Bytes.toBytes((int) n), Integer.toUnsignedString((int) n));
      if (n == (short) n) add("int16", "smallint", Bytes.toBytes((short) n), Long.toString(n));
      if (n == (short) n) add("uint16", "int", Bytes.toBytes((short) n), Integer.toString(Short.toUnsignedInt((short) n)));
      if (n == (byte) n) add("int8", "tinyint", new byte[] {(byte) n}, Long.toString(n));
      if (n == (byte) n) add("uint8", "smallint", new byte[] {(byte) n}, Integer.toString(Byte.toUnsignedInt((byte) n)));
    }
    for (double d : DOUBLES) add("double", "double", Bytes.toBytes(d), number(d));
    for (float f : FLOATS) add("float", "float", Bytes.toBytes(f), number(f));
    for (double d : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
      add("double", "double", Bytes.toBytes(d), "!");
    add("boolean", "boolean", Bytes.toBytes(true), "1");
    add("boolean", "boolean", Bytes.toBytes(false), "0");
    for (String s : DECIMALS) {
      BigDecimal value = new BigDecimal(s);
      add("bigdecimal", "string", Bytes.toBytes(value), value.toPlainString());
      add("bigdecimal", "decimal(62,31)", Bytes.toBytes(value), value.setScale(31).toPlainString());
    }
    for (String s : TEXTS) add("text", "string", Bytes.toBytes(s), s);
    byte[] any = new byte[256];
    for (int i = 0; i < 256; i++) any[i] = (byte) i;
    add("binarystring", "string", any, Bytes.toStringBinary(any));
    for (String s : new String[] {"北京", "plain", "中文 mixed €"}) {
      add("text", "string", s.getBytes(java.nio.charset.Charset.forName("GBK")), s, "gbk");
    }
    add("text", "string", "Zürich \u00ff\u0080".getBytes(StandardCharsets.ISO_8859_1), "Zürich \u00ff\u0080", "latin1");
  }

  private static void phoenixIntegers() {
    for (long n : LONGS) {
      both("bigint", "bigint", PLong.INSTANCE, n, Long.toString(n));
      if (n == (int) n) both("integer", "int", PInteger.INSTANCE, (int) n, Long.toString(n));
      if (n == (short) n) both("smallint", "smallint", PSmallint.INSTANCE, (short) n, Long.toString(n));
      if (n == (byte) n) both("tinyint", "tinyint", PTinyint.INSTANCE, (byte) n, Long.toString(n));
      if (n < 0) continue;
      both("unsigned_long", "bigint", PUnsignedLong.INSTANCE, n, Long.toString(n));
      if (n == (int) n) both("unsigned_int", "int", PUnsignedInt.INSTANCE, (int) n, Long.toString(n));
      if (n == (short) n) both("unsigned_smallint", "smallint", PUnsignedSmallint.INSTANCE, (short) n, Long.toString(n));
      if (n == (byte) n) both("unsigned_tinyint", "tinyint", PUnsignedTinyint.INSTANCE, (byte) n, Long.toString(n));
    }
  }

  private static void phoenixOthers() {
    for (double d : DOUBLES) both("double", "double", PDouble.INSTANCE, d, number(d));
    for (float f : FLOATS) both("float", "float", PFloat.INSTANCE, f, number(f));
    for (double d : DOUBLES) if (d >= 0) both("unsigned_double", "double", PUnsignedDouble.INSTANCE, d, number(d));
    for (float f : FLOATS) if (f >= 0) both("unsigned_float", "float", PUnsignedFloat.INSTANCE, f, number(f));
    for (double d : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
      both("double", "double", PDouble.INSTANCE, d, "!");
    both("boolean", "boolean", PBoolean.INSTANCE, true, "1");
    both("boolean", "boolean", PBoolean.INSTANCE, false, "0");
    for (String s : DECIMALS) {
      BigDecimal value = new BigDecimal(s);
      String plain = value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
      both("decimal", "string", PDecimal.INSTANCE, value, plain);
      both("decimal", "decimal(62,31)", PDecimal.INSTANCE, value, value.setScale(31).toPlainString());
    }
    for (String s : TEXTS) both("varchar", "string", PVarchar.INSTANCE, s, s);
    both("char", "string", PChar.INSTANCE, "abc", "abc");
    both("char", "string", PChar.INSTANCE, "abc   ", "abc");
    both("varbinary", "bytes", PVarbinary.INSTANCE, new byte[] {'a', 'b'}, "ab");
    both("binary", "bytes", PBinary.INSTANCE, new byte[] {'a', 'b'}, "ab");
    for (PDataType<?> type : new PDataType<?>[] {PVarchar.INSTANCE, PDecimal.INSTANCE, PLong.INSTANCE})
      add("phoenix:" + type.getSqlTypeName().toLowerCase(), "string", new byte[0], null);
  }

  private static void phoenixDates() {
    for (String s : new String[] {"1970-01-01T00:00:00Z", "2026-01-31T23:59:59.123Z", "1969-12-31T23:59:59.999Z",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "1900-02-28T12:00:00Z"}) {
      long ms = Instant.parse(s).toEpochMilli();
      String text = text(s, 3);
      both("date", "datetime(3)", PDate.INSTANCE, new java.sql.Date(ms), text);
      both("time", "datetime(3)", PTime.INSTANCE, new java.sql.Time(ms), text);
      both("date", "date", PDate.INSTANCE, new java.sql.Date(ms), s.substring(0, 10));
      Timestamp stamp = new Timestamp(ms);
      both("timestamp", "datetime(6)", PTimestamp.INSTANCE, stamp, text(s, 6));
      if (ms < 0) continue;
      both("unsigned_date", "datetime(3)", PUnsignedDate.INSTANCE, new java.sql.Date(ms), text);
      both("unsigned_time", "datetime(3)", PUnsignedTime.INSTANCE, new java.sql.Time(ms), text);
      both("unsigned_timestamp", "datetime(6)", PUnsignedTimestamp.INSTANCE, stamp, text(s, 6));
    }
    Timestamp nanos = new Timestamp(Instant.parse("2026-01-01T00:00:00Z").toEpochMilli());
    nanos.setNanos(123_456_000);
    both("timestamp", "datetime(6)", PTimestamp.INSTANCE, nanos, "2026-01-01 00:00:00.123456");
    nanos.setNanos(123_456_789);
    both("timestamp", "datetime(6)", PTimestamp.INSTANCE, nanos, "!");
  }

  private static String text(String iso, int digits) {
    String local = iso.substring(0, iso.length() - 1).replace('T', ' ');
    String fraction = local.length() > 19 ? local.substring(20) : "";
    return local.substring(0, 19) + "." + (fraction + "000000").substring(0, digits);
  }

  private interface Writer { void write(SimplePositionedMutableByteRange to, Order order); }

  private static void ordered() {
    for (long n : LONGS) {
      ordered("int64", "bigint", Long.toString(n), (to, o) -> OrderedBytes.encodeInt64(to, n, o));
      ordered("numeric", "decimal(38,0)", Long.toString(n), (to, o) -> OrderedBytes.encodeNumeric(to, n, o));
      ordered("numeric", "bigint", Long.toString(n), (to, o) -> OrderedBytes.encodeNumeric(to, n, o));
      if (n == (int) n) ordered("int32", "int", Long.toString(n), (to, o) -> OrderedBytes.encodeInt32(to, (int) n, o));
      if (n == (short) n) ordered("int16", "smallint", Long.toString(n), (to, o) -> OrderedBytes.encodeInt16(to, (short) n, o));
      if (n == (byte) n) ordered("int8", "tinyint", Long.toString(n), (to, o) -> OrderedBytes.encodeInt8(to, (byte) n, o));
    }
    for (double d : DOUBLES) ordered("float64", "double", number(d), (to, o) -> OrderedBytes.encodeFloat64(to, d, o));
    for (float f : FLOATS) ordered("float32", "float", number(f), (to, o) -> OrderedBytes.encodeFloat32(to, f, o));
    for (String s : DECIMALS) {
      BigDecimal value = new BigDecimal(s);
      String plain = value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
      ordered("numeric", "string", plain, (to, o) -> OrderedBytes.encodeNumeric(to, value, o));
      ordered("numeric", "decimal(62,31)", value.setScale(31).toPlainString(), (to, o) -> OrderedBytes.encodeNumeric(to, value, o));
    }
    for (String s : new String[] {"1E+300", "1.5E-100", "-3E+150", "-2.5E-30", "1E-2", "1E-3", "1E+18", "1E+22"}) {
      BigDecimal value = new BigDecimal(s);
      ordered("numeric", "string", value.stripTrailingZeros().toPlainString(), (to, o) -> OrderedBytes.encodeNumeric(to, value, o));
    }
    for (double d : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
      ordered("numeric", "string", "!", (to, o) -> OrderedBytes.encodeNumeric(to, d, o));
    for (String s : TEXTS) ordered("string", "string", s, (to, o) -> OrderedBytes.encodeString(to, s, o));
    ordered("string", "string", "", (to, o) -> OrderedBytes.encodeString(to, "", o));
    ordered("string", "string", null, (to, o) -> OrderedBytes.encodeNull(to, o));
    for (String s : new String[] {"a", "abc", "sevenby", "eightbyt", "a longer text of bytes", ""}) {
      byte[] value = Bytes.toBytes(s);
      ordered("blob", "bytes", s, (to, o) -> OrderedBytes.encodeBlobVar(to, value, o));
      ordered("blob", "bytes", s, (to, o) -> OrderedBytes.encodeBlobCopy(to, value, o));
    }
  }

  private static void ordered(String name, String type, String text, Writer writer) {
    for (Order order : Order.values()) {
      SimplePositionedMutableByteRange range = new SimplePositionedMutableByteRange(1000);
      writer.write(range, order);
      byte[] out = java.util.Arrays.copyOf(range.getBytes(), range.getPosition());
      add("ordered:" + name + (order == Order.DESCENDING ? " desc" : ""), type, out, text);
    }
  }

  private static void salts() {
    for (String s : new String[] {"a", "abc", "00000042", "\u00ff\u0080", "a longer row key"})
      for (int buckets : new int[] {2, 16, 256}) {
        byte[] key = Bytes.toBytes(s);
        byte salt = SaltingUtil.getSaltingByte(key, 0, key.length, buckets);
        add("salt:" + buckets, "string", Bytes.add(new byte[] {salt}, key), s);
      }
  }

  private static <T> void both(String name, String type, PDataType<T> phoenix, Object value, String text) {
    add("phoenix:" + name, type, phoenix.toBytes(value, SortOrder.ASC), text);
    add("phoenix:" + name + " desc", type, phoenix.toBytes(value, SortOrder.DESC), text);
  }

  /** As JavaScript prints a number: the field's text is the shortest that reads back equal. */
  private static String number(double d) {
    return "=" + (d == 0 ? "0" : new BigDecimal(Double.toString(d)).toString());
  }

  private static String number(float f) {
    return "=" + (f == 0 ? "0" : new BigDecimal(Float.toString(f)).toString());
  }

  private static void add(String encoding, String type, byte[] bytes, String text) {
    add(encoding, type, bytes, text, null);
  }

  private static void add(String encoding, String type, byte[] bytes, String text, String charset) {
    String line = "{\"encoding\":" + quote(encoding) + ",\"type\":" + quote(type) + ",\"hex\":\"" + Bytes.toHex(bytes) + "\",\"text\":" + quote(text);
    LINES.add(line + (charset == null ? "" : ",\"charset\":" + quote(charset)) + "}");
  }

  private static String quote(String text) {
    if (text == null) return "null";
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray())
      out.append(c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? String.valueOf(c) : String.format("\\u%04x", (int) c));
    return out.append('"').toString();
  }
}
