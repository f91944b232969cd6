package io.relaunchguard.it.cli;

import java.time.Duration;
import java.util.regex.Pattern;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** Reads the values of options. */
final class OptionValues {

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

    private OptionValues() {}

    static CommandLine register(CommandLine commandLine) {
        return commandLine
                .registerConverter(Duration.class, OptionValues::time)
                .registerConverter(long.class, OptionValues::number)
                .registerConverter(Long.class, OptionValues::number);
    }

    /** Reads a time as it is written in the settings. */
    private static Duration time(String text) {
        try {
            return DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(
                    "\"%s\" is not a time. Write it like 500ms, 2s or PT2.5S.".formatted(text));
        }
    }

    private static long number(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new TypeConversionException(
                    "\"%s\" is not a number. Write it with the digits 0 to 9.".formatted(text));
        }
        return Long.parseLong(text);
    }
}
