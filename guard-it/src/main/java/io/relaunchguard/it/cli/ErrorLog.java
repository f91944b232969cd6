package io.relaunchguard.it.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * Has warnings written to standard error by {@code java.util.logging}, which is there already: the log of Spring Boot's choice
 * has each start of the command line load some 700 classes more.
 */
public final class ErrorLog {

    private static final String CONFIGURATION = """
            handlers = java.util.logging.ConsoleHandler
            .level = WARNING
            java.util.logging.ConsoleHandler.level = ALL
            java.util.logging.SimpleFormatter.format = %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n
            """;

    /** Called by the log manager, when the first logger is asked for. */
    public ErrorLog() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Chooses it, unless the user has chosen something else. To be called before anything has logged. */
    public static void choose() {
        choose("org.apache.commons.logging.LogFactory", "org.apache.commons.logging.impl.LogFactoryImpl");
        choose("org.apache.commons.logging.Log", "org.apache.commons.logging.impl.Jdk14Logger");
        choose("org.springframework.boot.logging.LoggingSystem", "none");
        if (System.getProperty("java.util.logging.config.file") == null) {
            choose("java.util.logging.config.class", ErrorLog.class.getName());
        }
    }

    private static void choose(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
