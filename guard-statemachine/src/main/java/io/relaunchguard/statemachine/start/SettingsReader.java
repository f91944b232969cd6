package io.relaunchguard.statemachine.start;

import io.relaunchguard.statemachine.start.RelaunchGuardProperties.History;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties.Page;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties.SecondStart;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties.Skip;
import io.relaunchguard.statemachine.start.RelaunchGuardProperties.SuccessorEnvironment;
import java.beans.PropertyEditor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.propertyeditors.PathEditor;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The reader of the settings at the start of an application. It reads plain values by their names, because Spring
 * Boot's {@link Binder} links method handles and call sites for each record, which no archive of classes holds. What is
 * not plain, such as a list or a value with a mistake, it leaves to the Binder, which says what is wrong with which
 * property, and where that comes from.
 */
public final class SettingsReader {

    private static final Log logger = LogFactory.getLog(SettingsReader.class);

    private static final ConfigurationPropertyName LISTS =
            ConfigurationPropertyName.of(RelaunchGuardProperties.PREFIX + ".successor-environment");

    private final ConfigurableEnvironment environment;

    private SettingsReader(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Returns the settings of the environment.
     *
     * @throws org.springframework.boot.context.properties.bind.BindException if a value is not valid
     */
    public static RelaunchGuardProperties read(ConfigurableEnvironment environment) {
        return readPlain(environment)
                .orElseGet(() -> Binder.get(environment)
                        .bindOrCreate(RelaunchGuardProperties.PREFIX, RelaunchGuardProperties.class));
    }

    /** Returns the settings if each is absent or a plain value. */
    static Optional<RelaunchGuardProperties> readPlain(ConfigurableEnvironment environment) {
        try {
            return findsEachFormOfAName(environment) && !hasLists(environment)
                    ? Optional.of(new SettingsReader(environment).plain())
                    : Optional.empty();
        } catch (RuntimeException e) {
            logger.debug("The settings are left to the Binder", e);
            return Optional.empty();
        }
    }

    /** Whether the environment itself knows that {@code TERM_GRACE} and {@code termGrace} are {@code term-grace}. */
    private static boolean findsEachFormOfAName(ConfigurableEnvironment environment) {
        return environment.getPropertySources().stream()
                .anyMatch(ConfigurationPropertySources::isAttachedConfigurationPropertySource);
    }

    /** Whether there is a list, or may be one. */
    private static boolean hasLists(ConfigurableEnvironment environment) {
        for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
            if (source.containsDescendantOf(LISTS) != ConfigurationPropertyState.ABSENT) {
                return true;
            }
        }
        return false;
    }

    private RelaunchGuardProperties plain() {
        return new RelaunchGuardProperties(
                isTrue("enabled", Defaults.ENABLED),
                new Skip(isTrue("skip.in-tests", Defaults.SKIP_IN_TESTS)),
                path("profile"),
                text("version"),
                StartMode.valueOf(text("start-mode", Defaults.START_MODE).toUpperCase(Locale.ROOT)),
                duration("max-marker-age", Defaults.MAX_MARKER_AGE),
                duration("launcher-wait", Defaults.LAUNCHER_WAIT),
                duration("teardown-grace", Defaults.TEARDOWN_GRACE),
                duration("teardown-grace-limit", Defaults.TEARDOWN_GRACE_LIMIT),
                duration("term-grace", Defaults.TERM_GRACE),
                duration("kill-confirmation", Defaults.KILL_CONFIRMATION),
                duration("cache-release", Defaults.CACHE_RELEASE),
                duration("unconsented-wait", Defaults.UNCONSENTED_WAIT),
                duration("handoff-deadline", Defaults.HANDOFF_DEADLINE),
                duration("claim-wait", Defaults.CLAIM_WAIT),
                new SuccessorEnvironment(Set.of(), Set.of()),
                new SecondStart(
                        isTrue("second-start.enabled", Defaults.SECOND_START_ENABLED),
                        duration("second-start.deadline", Defaults.SECOND_START_DEADLINE),
                        duration("second-start.starting-wait", Defaults.SECOND_START_STARTING_WAIT),
                        duration("second-start.closing-wait", Defaults.SECOND_START_CLOSING_WAIT)),
                new History(Integer.parseInt(text("history.limit", Defaults.HISTORY_LIMIT))),
                new Page(isTrue("page.enabled", Defaults.PAGE_ENABLED)));
    }

    private boolean isTrue(String name, String byDefault) {
        String text = text(name, byDefault);
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + " is \"" + text + "\"");
        };
    }

    private Duration duration(String name, String byDefault) {
        return DurationStyle.detectAndParse(text(name, byDefault));
    }

    private @Nullable Path path(String name) {
        String text = text(name);
        if (text == null) {
            return null;
        }
        PropertyEditor editor = new PathEditor(); // as the Binder does
        editor.setAsText(text);
        return (Path) editor.getValue();
    }

    private String text(String name, String byDefault) {
        String text = text(name);
        return text == null ? byDefault : text;
    }

    private @Nullable String text(String name) {
        String text = environment.getProperty(RelaunchGuardProperties.PREFIX + "." + name);
        if (text != null && text.isEmpty()) {
            throw new IllegalArgumentException(name + " is empty");
        }
        return text;
    }
}
