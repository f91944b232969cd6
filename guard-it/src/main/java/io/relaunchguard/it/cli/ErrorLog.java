package io.relaunchguard.it.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * The log that writes warnings to standard error by {@code java.util.logging}, which is there already. The log of
 * Spring Boot's choice would make each start of the command line load some 700 classes more.
 */
public final class ErrorLog {

    private static final String CONFIGURATION = """
            handlers = java.util.logging.ConsoleHandler
            .level = WARNING
            java.util.logging.ConsoleHandler.level = ALL
            java.util.logging.SimpleFormatter.format = %1$tT.%1$tL %4$s %3$s: %5$s%6$s%n
            """;

    /** Creates the log. The log manager calls this when the first logger is asked for. */
    public ErrorLog() throws IOException {
        LogManager.getLogManager()
                .readConfiguration(new ByteArrayInputStream(CONFIGURATION.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** Chooses this log, unless the user has chosen another one. Call it before anything has logged. */
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
