// A Kerberos realm of its own (Apache Kerby's KDC), and Java's GSSAPI as a client in it.
//
// One JSON object a line. In:  {"id":1,"command":"step","context":3, …}
//                         Out: {"id":1,"result":…}  or  {"id":1,"error":"…"}; first of all {"id":0,"result":"ready"}
// Tokens and payloads are base64. Ends, with the KDC, when its input ends.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivilegedActionException;
import java.security.PrivilegedExceptionAction;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import org.apache.kerby.kerberos.kerb.server.SimpleKdcServer;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

public class KerberosRealm {
  private static final String REALM = "SYNCLINE.TEST";
  private static final ObjectMapper JSON = new ObjectMapper();
  private final GSSManager gss = GSSManager.getInstance();
  private final List<GSSContext> contexts = new ArrayList<>();
  private SimpleKdcServer kdc;
  private Subject subject = new Subject();

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    KerberosRealm realm = new KerberosRealm();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    answers.println("{\"id\":0,\"result\":\"ready\"}");
    for (String line; (line = lines.readLine()) != null; ) answers.println(JSON.writeValueAsString(realm.answer(line)));
    System.exit(0);
  }

  private ObjectNode answer(String line) throws Exception {
    JsonNode request = JSON.readTree(line);
    ObjectNode answer = JSON.createObjectNode();
    answer.set("id", request.get("id"));
    try {
      answer.set("result", JSON.valueToTree(run(request)));
    } catch (PrivilegedActionException error) {
      answer.put("error", error.getException().toString().split("\n", 2)[0]);
    } catch (Exception | LinkageError error) {
      answer.put("error", error.toString().split("\n", 2)[0]);
    }
    return answer;
  }

  private Object run(JsonNode r) throws Exception {
    switch (r.get("command").asText()) {
      case "startKdc": return startKdc(Path.of(r.get("folder").asText()));
      case "addPrincipal": return addPrincipal(r.get("name").asText(), new File(r.get("keytab").asText()));
      case "login": return login(r.get("name").asText(), r.get("keytab").asText());
      case "logout": subject = new Subject(); return true;
      case "open": return Subject.doAs(subject, (PrivilegedExceptionAction<Object>) () -> open(r));
      case "step": return Subject.doAs(subject, (PrivilegedExceptionAction<Object>) () -> step(r));
      case "wrap": return text(context(r).wrap(bytes(r), 0, bytes(r).length, new MessageProp(0, r.get("encrypt").asBoolean())));
      case "unwrap": return text(context(r).unwrap(bytes(r), 0, bytes(r).length, new MessageProp(0, false)));
      default: throw new IllegalArgumentException("no such command: " + r.get("command"));
    }
  }

  /** Returns the krb5.conf of the realm. */
  private String startKdc(Path folder) throws Exception {
    int port;
    try (ServerSocket probe = new ServerSocket(0)) {
      port = probe.getLocalPort();
    }
    kdc = new SimpleKdcServer();
    kdc.setKdcRealm(REALM);
    kdc.setKdcHost("127.0.0.1");
    kdc.setKdcTcpPort(port);
    kdc.setAllowUdp(false);
    kdc.setWorkDir(folder.toFile());
    kdc.init();
    kdc.start();
    Path config = folder.resolve("realm.conf");
    Files.writeString(config, String.join("\n",
        "[libdefaults]", "default_realm = " + REALM, "udp_preference_limit = 1", "dns_lookup_kdc = false",
        "dns_canonicalize_hostname = false", "rdns = false",
        "[realms]", REALM + " = {", "  kdc = 127.0.0.1:" + port, "}",
        "[domain_realm]", "localhost = " + REALM, ""));
    System.setProperty("java.security.krb5.conf", config.toString());
    return config.toString();
  }

  private Object addPrincipal(String name, File keytab) throws Exception {
    kdc.createPrincipal(name);
    kdc.exportPrincipal(name, keytab);
    return true;
  }

  private Object login(String name, String keytab) throws Exception {
    Map<String, String> options = Map.of("useKeyTab", "true", "keyTab", keytab, "principal", name,
        "storeKey", "true", "doNotPrompt", "true", "refreshKrb5Config", "true");
    Configuration configuration = new Configuration() {
      @Override
      public AppConfigurationEntry[] getAppConfigurationEntry(String ignored) {
        return new AppConfigurationEntry[] {new AppConfigurationEntry("com.sun.security.auth.module.Krb5LoginModule",
            AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
      }
    };
    LoginContext context = new LoginContext("client", null, null, configuration);
    context.login();
    subject = context.getSubject();
    return true;
  }

  private Object open(JsonNode r) throws Exception {
    Oid mechanism = new Oid("1.2.840.113554.1.2.2");
    GSSName server = gss.createName(r.get("principal").asText(), new Oid("1.2.840.113554.1.2.2.1"));
    GSSContext context = gss.createContext(server, mechanism, null, GSSContext.DEFAULT_LIFETIME);
    context.requestMutualAuth(true);
    context.requestInteg(true);
    context.requestConf(true);
    contexts.add(context);
    return contexts.size() - 1;
  }

  private Object step(JsonNode r) throws Exception {
    GSSContext context = context(r);
    byte[] token = context.initSecContext(bytes(r), 0, bytes(r).length);
    return Map.of("token", token == null ? "" : text(token), "established", context.isEstablished());
  }

  private GSSContext context(JsonNode r) {
    return contexts.get(r.get("context").asInt());
  }

  private static byte[] bytes(JsonNode r) {
    return Base64.getDecoder().decode(r.get("data").asText());
  }

  private static String text(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
