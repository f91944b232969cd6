package io.relaunchguard.platform.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The C library that this process runs with, by the names of its mapped files, see {@code /proc/PID/maps} in proc(5).
 * That needs no native library. Up to 2.33 the name of glibc's file contains its version; 2.34 is the first version
 * without it, and the first with {@code posix_spawn_file_actions_addclosefrom_np}.
 */
final class CLibrary {

    /** The files that this process has mapped. */
    static final Path MAPS = Path.of("/proc/self/maps");

    private static final Pattern MUSL = Pattern.compile(".*/(ld-musl-[^/]*|libc\\.musl-[^/]*)");
    private static final Pattern VERSIONED_GLIBC = Pattern.compile(".*/libc-(2\\.\\d{1,3})\\.so");

    private CLibrary() {}

    /**
     * Returns why a successor cannot be started with this C library; empty if nothing is known against it.
     *
     * @param maps the list of the mapped files
     */
    static Optional<String> hindrance(Path maps) {
        try (Stream<String> lines = Files.lines(maps, StandardCharsets.ISO_8859_1)) {
            return lines.map(CLibrary::hindranceBy).flatMap(Optional::stream).findFirst();
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> hindranceBy(String line) {
        if (MUSL.matcher(line).matches()) {
            return Optional.of(
                    "the C library of this host is musl, and a successor is started with glibc 2.34 or newer");
        }
        Matcher glibc = VERSIONED_GLIBC.matcher(line);
        return glibc.matches()
                ? Optional.of("the C library of this host is glibc %s, and a successor is started with 2.34 or newer"
                        .formatted(glibc.group(1)))
                : Optional.empty();
    }
}
