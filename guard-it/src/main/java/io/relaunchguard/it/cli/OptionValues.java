package io.relaunchguard.it.cli;

import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the values of options. The readers are classes and no lambdas: JDK 17 writes no class archive with a lambda for
 * these interfaces of picocli, which are compiled for Java 5.
 */
final class OptionValues {

    private OptionValues() {}

    static CommandLine register(CommandLine commandLine) {
        return commandLine
                .registerConverter(Duration.class, new Time())
                .registerConverter(long.class, new WholeNumber())
                .registerConverter(Long.class, new WholeNumber());
    }

    /** Reads a time as it is written in the settings. */
    private static final class Time implements ITypeConverter<Duration> {

        @Override
        public Duration convert(String text) {
            try {
                return DurationStyle.detectAndParse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(
                        "\"%s\" is not a time. Write it like 500ms, 2s or PT2.5S.".formatted(text));
            }
        }
    }

    /** Reads a whole number. */
    private static final class WholeNumber implements ITypeConverter<Long> {

        private static final Pattern FORM = Pattern.compile("-?[0-9]{1,18}");

        @Override
        public Long convert(String text) {
            if (!FORM.matcher(text).matches()) {
                throw new TypeConversionException(
                        "\"%s\" is not a number. Write it with the digits 0 to 9.".formatted(text));
            }
            return Long.valueOf(text);
        }
    }
}
