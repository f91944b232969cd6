package io.relaunchguard.it.cli;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The arguments as the kernel has them. Java decodes them in the encoding of the locale. If that encoding lacks a
 * character, as with {@code LC_ALL=C}, a path or an argument of the application would be another one.
 */
public final class OwnArguments {

    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private static final char REPLACEMENT = '\ufffd';

    private OwnArguments() {}

    /**
     * Returns a message that names the argument that Java has changed; empty if it changed none, or if the kernel does
     * not show the arguments.
     */
    public static Optional<String> changed(String[] arguments) {
        try {
            return changed(
                    arguments,
                    Files.readAllBytes(COMMAND_LINE),
                    Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")));
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    /**
     * Returns the same message for a given command line.
     *
     * @param commandLine the arguments, each of which ends with a zero
     * @param encoding the encoding in which Java decodes them
     */
    static Optional<String> changed(String[] arguments, byte[] commandLine, Charset encoding) {
        Set<String> changed = split(commandLine).stream()
                .filter(raw -> !Arrays.equals(raw, new String(raw, encoding).getBytes(encoding)))
                .map(raw -> withoutReplacements(new String(raw, encoding)))
                .collect(Collectors.toSet());
        return Arrays.stream(arguments)
                .filter(argument -> changed.contains(withoutReplacements(argument)))
                .findFirst()
                .map(
                        argument ->
                                "the argument \"%s\" has bytes that are no characters in the encoding of this locale (%s), and would be"
                                                .formatted(withoutReplacements(argument), encoding)
                                        + " changed. Start it in a locale of the encoding that it is written in, such as LC_ALL=C.UTF-8.");
    }

    /** Returns the text with one mark for both characters that a JVM may put in place of what it cannot decode. */
    private static String withoutReplacements(String text) {
        return text.replace(REPLACEMENT, '?');
    }

    private static List<byte[]> split(byte[] commandLine) {
        // Each byte is one character in this encoding, whatever it stands for.
        return Arrays.stream(new String(commandLine, StandardCharsets.ISO_8859_1).split("\0", -1))
                .map(raw -> raw.getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }
}
