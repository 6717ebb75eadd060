// Writes glue.json with software.amazon.glue:schema-registry-serde 1.1.20: java -cp 'lib/*' GlueVectors.java set.bin
// (protoc --include_imports --descriptor_set_out=set.bin readings.proto)
import com.amazonaws.services.schemaregistry.common.configs.GlueSchemaRegistryConfiguration;
import com.amazonaws.services.schemaregistry.serializers.SerializationDataEncoder;
import com.amazonaws.services.schemaregistry.serializers.avro.AvroSerializer;
import com.amazonaws.services.schemaregistry.serializers.json.JsonDataWithSchema;
import com.amazonaws.services.schemaregistry.serializers.json.JsonSerializer;
import com.amazonaws.services.schemaregistry.serializers.protobuf.ProtobufSerializer;
import com.amazonaws.services.schemaregistry.utils.AWSSchemaRegistryConstants;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import java.nio.file.*;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;

public class GlueVectors {
  static final UUID id = UUID.fromString("b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63");
  static final List<String> lines = new ArrayList<>();

  static GlueSchemaRegistryConfiguration config(String compression) {
    Map<String, Object> map = new HashMap<>();
    map.put("region", "us-east-1");
    map.put("compression", compression);
    return new GlueSchemaRegistryConfiguration(map);
  }

  static void add(String name, byte[] data) {
    for (String compression : List.of("NONE", "ZLIB")) {
      StringBuilder hex = new StringBuilder();
      for (byte b : new SerializationDataEncoder(config(compression)).write(data, id)) hex.append(String.format("%02x", b));
      lines.add("{\"name\":\"" + name + "\",\"compression\":\"" + compression + "\",\"hex\":\"" + hex + "\"}");
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, FileDescriptor> files = new HashMap<>();
    for (FileDescriptorProto file : FileDescriptorSet.parseFrom(Files.readAllBytes(Path.of(args[0]))).getFileList()) {
      FileDescriptor[] needed = file.getDependencyList().stream().map(files::get).toArray(FileDescriptor[]::new);
      files.put(file.getName(), FileDescriptor.buildFrom(file, needed));
    }
    FileDescriptor readings = files.get("readings.proto");
    ProtobufSerializer protobuf = ProtobufSerializer.builder().configs(config("NONE")).build();
    Map<String, String> messages = new LinkedHashMap<>();
    messages.put("Another", "n: -5");
    messages.put("Reading", "id: 7 name: 'Ada' tags { key: 'a' value: 1 } parts { n: -2 of { text: 'x' } }");
    messages.put("Reading.Part", "n: 9");
    for (var each : messages.entrySet()) {
      Descriptor type = null;
      for (String part : each.getKey().split("\\.")) type = type == null ? readings.findMessageTypeByName(part) : type.findNestedTypeByName(part);
      DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
      TextFormat.merge(each.getValue(), message);
      add(each.getKey(), protobuf.serialize(message.build()));
    }
    Schema schema = new Schema.Parser().parse("{\"type\":\"record\",\"name\":\"Flight\",\"namespace\":\"flights\",\"fields\":[{\"name\":\"origin\",\"type\":\"string\"},{\"name\":\"delay\",\"type\":[\"null\",\"int\"]}]}");
    GenericRecord record = new GenericData.Record(schema);
    record.put("origin", "ORD");
    record.put("delay", 20);
    add("avro", new AvroSerializer().serialize(record));
    add("json", new JsonSerializer(config("NONE")).serialize(JsonDataWithSchema.builder("{\"type\":\"object\"}", "{\"origin\":\"ORD\",\"delay\":20}").build()));
    System.out.println("[" + String.join(",", lines) + "]");
  }
}
