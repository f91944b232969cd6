package io.relaunchguard.statemachine.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Whatever is set in whatever form, the settings are those that Spring Boot's Binder binds. */
class SettingsReaderTest {

    private static final String PREFIX = RelaunchGuardProperties.PREFIX;

    @Test
    void theDefaultsAreThoseOfTheBinder() {
        assertPlain(environment(Map.of()));
    }

    /** Or nothing would be gained: an application has sources of its own, such as random values. */
    @Test
    void theEnvironmentOfAnApplicationHasPlainValues() {
        List<Optional<RelaunchGuardProperties>> read = new ArrayList<>();
        SpringApplication application = new SpringApplicationBuilder(SettingsReaderTest.class)
                .web(WebApplicationType.NONE)
                .build();
        application.addListeners((ApplicationListener<ApplicationEnvironmentPreparedEvent>)
                event -> read.add(SettingsReader.readPlain(event.getEnvironment())));

        application
                .run("--relaunch-guard.enabled=false", "--relaunch-guard.profile=${java.io.tmpdir}/p")
                .close();

        assertThat(read)
                .singleElement()
                .satisfies(settings -> assertThat(settings.orElseThrow().profile())
                        .isEqualTo(Path.of(System.getProperty("java.io.tmpdir"), "p")));
    }

    @Test
    void everySettingIsRead() throws Exception {
        Map<String, Object> defaults = scalars(bound(environment(Map.of())), PREFIX);
        Map<String, Object> changed = new HashMap<>();
        defaults.forEach((name, value) -> changed.put(name, changed(value, changed.size())));

        ConfigurableEnvironment environment = environment(changed);

        assertThat(scalars(SettingsReader.readPlain(environment).orElseThrow(), PREFIX))
                .hasSizeGreaterThan(20)
                .allSatisfy((name, value) -> assertThat(value).as(name).isNotEqualTo(defaults.get(name)));
        assertPlain(environment);
    }

    @ParameterizedTest
    @CsvSource({
        "relaunch-guard.term-grace, 3s",
        "relaunchGuard.termGrace, 3s",
        "relaunch_guard.term_grace, 3000",
        "RELAUNCH-GUARD.TERM-GRACE, PT3S",
        "relaunch-guard.second-start.starting-wait, 0",
        "relaunch-guard.start-mode, BLOCKING",
        "relaunch-guard.start-mode, blocking",
        "relaunch-guard.claim-wait, 20m",
        "relaunch-guard.profile, /a/b/../c",
        "relaunch-guard.profile, a/b",
        "relaunch-guard.profile, file:/a/b",
        "relaunch-guard.profile, 'C:\\Users\\me'",
        "relaunch-guard.profile, '${java.io.tmpdir}/p'",
        "relaunch-guard.history.limit, 7"
    })
    void aPlainValueIsReadUnderEachFormOfItsName(String name, String value) {
        ConfigurableEnvironment environment = environment(Map.of(name, value));

        assertPlain(environment);
        assertThat(bound(environment)).isNotEqualTo(bound(environment(Map.of())));
    }

    @ParameterizedTest
    @CsvSource({
        "RELAUNCHGUARD_TERMGRACE, 3s",
        "RELAUNCH_GUARD_TERM_GRACE, 3s",
        "RELAUNCHGUARD_SECONDSTART_ENABLED, true",
        "RELAUNCHGUARD_PROFILE, /a/b"
    })
    void anEnvironmentVariableIsRead(String name, String value) {
        ConfigurableEnvironment environment =
                environment(new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(name, value)));

        assertPlain(environment);
        assertThat(bound(environment)).isNotEqualTo(bound(environment(Map.of())));
    }

    @ParameterizedTest
    @CsvSource({
        "relaunch-guard.second-start.enabled, yes",
        "relaunch-guard.second-start.enabled, TRUE",
        "relaunch-guard.start-mode, Bl-ocking",
        "relaunch-guard.history.limit, 0x10",
        "relaunch-guard.history.limit, ' 7 '",
        "relaunch-guard.profile, ''",
        "relaunch-guard.version, ''",
        "relaunch-guard.term-grace, ''",
        "relaunch-guard.successor-environment.keep, 'A,B'",
        "relaunch-guard.successor-environment.drop[0], A",
    })
    void whatIsNotPlainIsTheBindersAffair(String name, String value) {
        ConfigurableEnvironment environment = environment(Map.of(name, value));

        assertThat(SettingsReader.readPlain(environment)).isEmpty();
        assertThat(SettingsReader.read(environment)).isEqualTo(bound(environment));
    }

    @Test
    void aSourceThatCannotSayWhatItHasIsTheBindersAffair() {
        ConfigurableEnvironment environment = environment(new PropertySource<>("opaque", "") {
            @Override
            public Object getProperty(String name) {
                return name.equals(PREFIX + ".successor-environment.keep") ? "A,B" : null;
            }
        });

        assertThat(SettingsReader.read(environment).successorEnvironment().keep())
                .containsExactlyInAnyOrder("A", "B");
    }

    @Test
    void anEnvironmentThatDoesNotKnowTheFormsOfANameIsTheBindersAffair() {
        ConfigurableEnvironment bare = new StandardEnvironment();
        bare.getPropertySources().addFirst(new MapPropertySource("test", Map.of("relaunchGuard.termGrace", "3s")));

        assertThat(SettingsReader.readPlain(bare)).isEmpty();
        assertThat(SettingsReader.read(bare).termGrace()).isEqualTo(Duration.ofSeconds(3));
    }

    @ParameterizedTest
    @CsvSource({
        "term-grace, soon",
        "term-grace, 0s",
        "term-grace, 3 s",
        "term-grace, ${no.such.property}",
        "teardown-grace, 1m",
        "enabled, perhaps",
        "page.enabled, ''",
        "start-mode, sometimes",
        "history.limit, many",
        "history.limit, 0",
        "second-start.deadline, 61s"
    })
    void aMistakeIsToldAsTheBinderTellsIt(String name, String value) {
        ConfigurableEnvironment environment = environment(Map.of(PREFIX + "." + name, value));

        assertThatThrownBy(() -> SettingsReader.read(environment))
                .isInstanceOf(BindException.class)
                .hasMessage(catchThrowable(() -> bound(environment)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"relaunch-guard.trm-grace", "relaunch-guardian.term-grace"})
    void anotherNameChangesNothing(String name) {
        assertPlain(environment(Map.of(name, "3s")));
    }

    private static void assertPlain(ConfigurableEnvironment environment) {
        assertThat(SettingsReader.readPlain(environment)).contains(bound(environment));
    }

    private static RelaunchGuardProperties bound(ConfigurableEnvironment environment) {
        return Binder.get(environment).bindOrCreate(PREFIX, RelaunchGuardProperties.class);
    }

    private static ConfigurableEnvironment environment(Map<String, Object> values) {
        return environment(new MapPropertySource("test", values));
    }

    /** Returns an environment as Spring Boot prepares it for an application. */
    private static ConfigurableEnvironment environment(PropertySource<?> source) {
        ConfigurableEnvironment environment = new StandardEnvironment();
        environment.setConversionService(new ApplicationConversionService());
        environment.getPropertySources().addFirst(source);
        ConfigurationPropertySources.attach(environment);
        return environment;
    }

    /** Returns the settings of a record by their names, without those that are lists. */
    private static Map<String, Object> scalars(Record settings, String prefix) throws ReflectiveOperationException {
        Map<String, Object> scalars = new LinkedHashMap<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            String name = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            Object value = component.getAccessor().invoke(settings);
            if (value instanceof Record group) {
                scalars.putAll(scalars(group, name));
            } else if (component.getType() != Set.class) {
                scalars.put(name, value == null ? "none" : value);
            }
        }
        return scalars;
    }

    private static Object changed(Object value, int index) {
        if (value instanceof Boolean is) {
            return !is;
        }
        if (value instanceof Duration) {
            return 5500 + index + "ms";
        }
        if (value instanceof StartMode) {
            return StartMode.BLOCKING;
        }
        return value instanceof Integer ? 77 : "some" + index;
    }
}
