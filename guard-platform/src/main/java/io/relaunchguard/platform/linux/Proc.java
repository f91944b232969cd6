package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code /proc}, see proc(5). If it is not the one of the launcher's own pid namespace, as after {@code unshare -p} without
 * a new mount, its numbers mean other processes: then nothing is read from it.
 */
final class Proc {

    private final Path root;

    Proc(Path root) {
        this.root = root;
    }

    /** Why this is not our own {@code /proc}; empty if it is. */
    Optional<String> unusable() {
        try {
            String self = Files.readSymbolicLink(root.resolve("self")).toString();
            return self.equals(Long.toString(ProcessHandle.current().pid()))
                    ? Optional.empty()
                    : Optional.of("%s belongs to another pid namespace than this launcher".formatted(root));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of("%s cannot be read: %s".formatted(root, reason(e)));
        }
    }

    Observation<ProcStat> stat(long pid) {
        return read(pid, "stat")
                .flatMap(content -> ProcStat.parse(content)
                        .map(Observation::seen)
                        .orElseGet(
                                () -> Observation.unknown("%s/%d/stat is not of the known form".formatted(root, pid))));
    }

    Observation<ProcStatus> status(long pid) {
        return read(pid, "status")
                .flatMap(content -> ProcStatus.parse(content)
                        .map(Observation::seen)
                        .orElseGet(() ->
                                Observation.unknown("%s/%d/status is not of the known form".formatted(root, pid))));
    }

    /** Bytes that the process caused to be written to storage. */
    Observation<Long> bytesWritten(long pid) {
        return read(pid, "io")
                .flatMap(content -> content.lines()
                        .filter(line -> line.matches("write_bytes: \\d{1,18}"))
                        .findFirst()
                        .map(line -> Observation.seen(Long.parseLong(line.substring("write_bytes: ".length()))))
                        .orElseGet(() -> Observation.unknown("%s/%d/io has no write_bytes".formatted(root, pid))));
    }

    /** Where a link of the process points to: {@code exe}, {@code ns/pid}. */
    Observation<String> link(long pid, String name) {
        try {
            return Observation.seen(
                    Files.readSymbolicLink(process(pid).resolve(name)).toString());
        } catch (NoSuchFileException e) {
            return Observation.absent("process %d has exited".formatted(pid));
        } catch (IOException e) {
            return Observation.unknown("%s of process %d cannot be read: %s".formatted(name, pid, reason(e)));
        }
    }

    /** Whether the process holds a file open below the directory. */
    Observation<Boolean> holdsFilesBelow(long pid, Path realDirectory) {
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(process(pid).resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isBelow(descriptor, realDirectory)) {
                    return Observation.seen(true);
                }
            }
            return Observation.seen(false);
        } catch (DirectoryIteratorException e) {
            return failure(Objects.requireNonNull(e.getCause()), pid, "the open files of process " + pid);
        } catch (IOException e) {
            return failure(e, pid, "the open files of process " + pid);
        }
    }

    /** The ids of all processes that can be seen. */
    List<Long> pids() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[1-9]\\d{0,9}"))
                    .map(Long::parseLong)
                    .toList();
        }
    }

    /** Every process that can be seen, by its id. */
    Map<Long, ProcStat> processes() throws IOException {
        Map<Long, ProcStat> processes = new HashMap<>();
        for (long pid : pids()) {
            stat(pid).toOptional().ifPresent(stat -> processes.put(pid, stat));
        }
        return processes;
    }

    /** This process's own user id, all four agreeing; else unknown. */
    Observation<Integer> ownUid() {
        Optional<String> unusable = unusable();
        return unusable.isPresent()
                ? Observation.unknown(unusable.get())
                : status(ProcessHandle.current().pid())
                        .flatMap(status -> status.user().matches("\\d{1,9}|[1-3]\\d{9}|4[01]\\d{8}")
                                ? Observation.seen((int) Long.parseLong(status.user()))
                                : Observation.unknown("this process runs as several users: " + status.user()));
    }

    /** Whether this shows the processes of all users: init is another's, and always there. See hidepid in proc(5). */
    boolean showsEverybody() {
        return Files.exists(process(1));
    }

    private Observation<String> read(long pid, String name) {
        try {
            return Observation.seen(Files.readString(process(pid).resolve(name), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return failure(e, pid, name + " of process " + pid);
        }
    }

    /** What a failed reading tells: read(2) gives ESRCH, as a plain IOException, when the process goes meanwhile. */
    private <T> Observation<T> failure(IOException e, long pid, String subject) {
        return e instanceof NoSuchFileException || Files.notExists(process(pid))
                ? Observation.absent("there is no process %d".formatted(pid))
                : Observation.unknown("%s cannot be read: %s".formatted(subject, reason(e)));
    }

    private Path process(long pid) {
        return root.resolve(Long.toString(pid));
    }

    private static boolean isBelow(Path descriptor, Path directory) throws IOException {
        try {
            Path target = Files.readSymbolicLink(descriptor);
            return target.isAbsolute() && target.startsWith(directory) && !target.equals(directory);
        } catch (NoSuchFileException closedMeanwhile) {
            return false;
        }
    }

    private static String reason(Exception e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
