package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.ptr.IntByReference;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.successor.EnvironmentRules;
import io.relaunchguard.core.successor.Successor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A successor that is a child of this process. Its standard error goes to a file, which outlives this process, unlike a
 * pipe. The file is beside the profile, not in it: a process that has a file of the profile open counts as a user of
 * the profile, and the successor passes its standard error on to other processes.
 */
final class LinuxSuccessor implements Successor {

    /** The suffix that is added to the profile's name. */
    static final String ERRORS = ".successor-errors";

    private static final int MOST_BYTES = 4096;

    private final long pid;
    private final Optional<Path> file;
    private Observation<Integer> exitCode = Observation.absent("it has not ended");

    private LinuxSuccessor(long pid, Optional<Path> file) {
        this.pid = pid;
        this.file = file;
    }

    static LinuxSuccessor start(List<String> command, Path directory, EnvironmentRules rules, Path profile)
            throws IOException {
        Optional<Path> file = freshFile(profile.toAbsolutePath());
        return new LinuxSuccessor(DetachedProcess.start(command, directory, rules, file), file);
    }

    /**
     * Creates a new file, because this process may be writing into the file of its own start. If that fails, the errors
     * are not captured.
     */
    private static Optional<Path> freshFile(Path profile) {
        Path file = profile.resolveSibling(profile.getFileName() + ERRORS);
        try {
            Files.deleteIfExists(file);
            return Optional.of(Files.createFile(
                    file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    @Override
    public long pid() {
        return pid;
    }

    @Override
    public synchronized Observation<Integer> exitCode() {
        if (exitCode instanceof Observation.Absent) {
            exitCode = exitOf(pid);
        }
        return exitCode;
    }

    /**
     * Returns the exit code from the status of wait(2). No other code waits for this child: the JDK reaps only its own.
     */
    private static Observation<Integer> exitOf(long pid) {
        IntByReference status = new IntByReference();
        try {
            if (LibC.get().waitpid(Math.toIntExact(pid), status, LibC.WNOHANG) == 0) {
                return Observation.absent("it has not ended");
            }
        } catch (LastErrorException e) {
            return Observation.unknown("its exit code cannot be read: " + e.getMessage());
        }
        int signal = status.getValue() & 0x7f;
        return Observation.seen(signal == 0 ? (status.getValue() >> 8) & 0xff : 128 + signal);
    }

    @Override
    public String errors() {
        if (file.isEmpty()) {
            return "";
        }
        try (FileChannel channel =
                FileChannel.open(file.get(), Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            ByteBuffer end = ByteBuffer.allocate(MOST_BYTES);
            channel.read(end, Math.max(0, channel.size() - MOST_BYTES));
            return Charset.defaultCharset().decode(end.flip()).toString().strip();
        } catch (IOException e) {
            return "";
        }
    }
}
