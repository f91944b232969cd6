package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The kernel's list of locks, {@code /proc/locks}, see proc(5): every lock of a process in the reader's PID namespace,
 * by inode. The device is not compared, because Btrfs reports another one there than in stat(2).
 */
final class KernelLockList {

    private final Path list;
    private final Supplier<Observation<String>> seesEverybody;

    KernelLockList(Path list, Supplier<Observation<String>> seesEverybody) {
        this.list = list;
        this.seesEverybody = seesEverybody;
    }

    /** Returns whether a process may have a flock(2) lock on the directory. */
    boolean mayBeLocked(Path directory) {
        if (!(seesEverybody.get() instanceof Observation.Seen)) {
            return true;
        }
        try (Stream<String> locks = Files.lines(list, StandardCharsets.ISO_8859_1)) {
            String inode = ":" + Files.getAttribute(directory, "unix:ino") + " ";
            return locks.anyMatch(lock -> lock.contains(" FLOCK ") && lock.contains(inode));
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }
}
