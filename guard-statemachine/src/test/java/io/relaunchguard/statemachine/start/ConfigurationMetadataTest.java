package io.relaunchguard.statemachine.start;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.relaunchguard.core.launch.LaunchPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What an editor shows of the settings is true and complete, and so is the table in the documents. */
class ConfigurationMetadataTest {

    private static final String PREFIX = RelaunchGuardProperties.PREFIX + ".";

    private static final Set<String> WITHOUT_A_DEFAULT_THAT_CAN_BE_WRITTEN = Set.of(
            PREFIX + "profile",
            PREFIX + "version",
            PREFIX + "successor-environment.keep",
            PREFIX + "successor-environment.drop");

    private static final Path DOCUMENT = Path.of("../docs/settings.md");

    private static final String TABLE_HEAD = "| setting | default | what it sets |\n|---|---|---|\n";

    private static final TypeReference<Map<String, Object>> MAP = new TypeReference<>() {};

    @Test
    void everySettingHasADescriptionATypeAndItsDefault() throws IOException {
        assertThat(properties()).isNotEmpty().allSatisfy((name, property) -> {
            assertThat(property).containsKey("type");
            assertThat(String.valueOf(property.get("description"))).matches("[A-Z].*\\.");
            if (!WITHOUT_A_DEFAULT_THAT_CAN_BE_WRITTEN.contains(name)) {
                assertThat(property).containsKey("defaultValue");
            }
        });
    }

    @Test
    void everySettingOfTheRecordIsThereAndNoOther() throws IOException {
        assertThat(properties().keySet())
                .containsExactlyInAnyOrderElementsOf(
                        settings(RelaunchGuardProperties.class, PREFIX).toList());
    }

    @Test
    void theDefaultsAreThoseOfTheRecordAndOfThePolicy() throws IOException {
        RelaunchGuardProperties defaults = bind(Map.of());
        assertThat(defaults.policy()).isEqualTo(LaunchPolicy.DEFAULT);
        Map<String, Object> documented = properties().entrySet().stream()
                .filter(property -> property.getValue().containsKey("defaultValue"))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, property -> property.getValue().get("defaultValue")));
        assertThat(bind(documented)).isEqualTo(defaults);
    }

    @Test
    void everyHintIsForASettingAndEveryValueOfAnEnumIsHinted() throws IOException {
        Map<String, Map<String, Object>> hints = byName(list("hints"));
        assertThat(properties().keySet()).containsAll(hints.keySet());
        assertThat(list(requireNonNull(hints.get(PREFIX + "start-mode")), "values"))
                .extracting(value -> value.get("value"))
                .containsExactlyElementsOf(Arrays.stream(StartMode.values())
                        .map(mode -> mode.name().toLowerCase(Locale.ROOT))
                        .toList());
    }

    @Test
    void theDocumentsHaveTheTableOfTheMetadata() throws IOException {
        String text = Files.readString(DOCUMENT);
        int start = text.indexOf(TABLE_HEAD) + TABLE_HEAD.length();
        int end = text.indexOf("\n\n", start) + 1;
        String table = table();

        if (Boolean.getBoolean("relaunch-guard.docs.write")) {
            Files.writeString(DOCUMENT, text.substring(0, start) + table + text.substring(end));
        } else {
            assertThat(text.substring(start, end))
                    .as("the table; -Drelaunch-guard.docs.write=true writes it anew")
                    .isEqualTo(table);
        }
    }

    /** Returns a row for each setting, in the order of the record. */
    private static String table() throws IOException {
        Map<String, Map<String, Object>> properties = properties();
        return settings(RelaunchGuardProperties.class, PREFIX)
                .map(name -> row(name, requireNonNull(properties.get(name))))
                .collect(Collectors.joining());
    }

    private static String row(String name, Map<String, Object> property) {
        Object value = property.get("defaultValue");
        return "| `%s` | %s | %s |\n"
                .formatted(name, value == null ? "see below" : "`" + value + "`", property.get("description"));
    }

    private static RelaunchGuardProperties bind(Map<String, Object> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate(RelaunchGuardProperties.PREFIX, RelaunchGuardProperties.class);
    }

    private static Stream<String> settings(Class<?> type, String prefix) {
        return Arrays.stream(type.getRecordComponents())
                .flatMap(component -> component.getType().isRecord()
                        ? settings(component.getType(), prefix + kebab(component.getName()) + ".")
                        : Stream.of(prefix + kebab(component.getName())));
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static Map<String, Map<String, Object>> properties() throws IOException {
        Map<String, Map<String, Object>> all = byName(list("properties"));
        // The endpoint has some of Spring Boot's own.
        all.keySet().removeIf(name -> !name.startsWith(PREFIX));
        return all;
    }

    private static Map<String, Map<String, Object>> byName(List<Map<String, Object>> list) {
        return list.stream().collect(Collectors.toMap(entry -> String.valueOf(entry.get("name")), Function.identity()));
    }

    private static List<Map<String, Object>> list(String key) throws IOException {
        try (InputStream metadata = RelaunchGuardProperties.class
                .getClassLoader()
                .getResourceAsStream("META-INF/spring-configuration-metadata.json")) {
            return list(JsonMapper.shared().readValue(requireNonNull(metadata), MAP), key);
        }
    }

    @SuppressWarnings("unchecked") // the format of the metadata
    private static List<Map<String, Object>> list(Map<String, Object> map, String key) {
        return (List<Map<String, Object>>) requireNonNull(map.get(key));
    }
}
