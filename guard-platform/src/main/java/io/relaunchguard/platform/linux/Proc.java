package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Activity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Access to {@code /proc}, see proc(5). If it belongs to another PID namespace than the launcher's, as after
 * {@code unshare -p} without a new mount, its PIDs mean other processes, so {@link #unusable} tells callers not to read
 * it.
 */
final class Proc {

    /**
     * The position of the mount point in a line of mountinfo in proc(5), the fifth field. The type, the source and the
     * options follow the separator.
     */
    private static final int MOUNT_POINT = 4;

    private static final int MOUNT_FIELDS = 4;

    private final Path root;

    Proc(Path root) {
        this.root = root;
    }

    /** Returns why this is not the launcher's own {@code /proc}; empty if it is. */
    Optional<String> unusable() {
        try {
            String self = Files.readSymbolicLink(root.resolve("self")).toString();
            return self.equals(Long.toString(ProcessHandle.current().pid()))
                    ? Optional.empty()
                    : Optional.of("%s belongs to another PID namespace than this launcher".formatted(root));
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.of("%s cannot be read: %s".formatted(root, reason(e)));
        }
    }

    Observation<ProcStat> stat(long pid) {
        return read(pid, "stat")
                .flatMap(content -> ProcStat.parse(content)
                        .filter(stat -> stat.hasMemory()
                                || pid != ProcessHandle.current().pid())
                        .map(Observation::seen)
                        .orElseGet(() -> Observation.unknown("%s/%d/stat is not of the known form: %s"
                                .formatted(root, pid, ProcStat.oddity(content)))));
    }

    Observation<ProcStatus> status(long pid) {
        return read(pid, "status")
                .flatMap(content -> ProcStatus.parse(content)
                        .map(Observation::seen)
                        .orElseGet(() -> Observation.unknown("%s/%d/status is not of the known form: %s"
                                .formatted(root, pid, ProcStatus.oddity(content)))));
    }

    /** Reads what the process has written, and combines it with the given CPU time. */
    Observation<Activity> activity(long pid, Duration cpuTime) {
        return read(pid, "io")
                .flatMap(io -> counter(pid, io, "write_bytes")
                        .flatMap(bytes -> counter(pid, io, "syscw").map(calls -> new Activity(cpuTime, bytes, calls))));
    }

    private Observation<Long> counter(long pid, String io, String name) {
        return io.lines()
                .filter(line -> line.matches(name + ": \\d{1,18}"))
                .findFirst()
                .map(line -> Observation.seen(Long.parseLong(line.substring(name.length() + 2))))
                .orElseGet(() -> Observation.unknown("%s/%d/io has no %s".formatted(root, pid, name)));
    }

    /** Reads the target of a link of the process, such as {@code exe} or {@code ns/pid}. */
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

    /**
     * Returns whether the process has a file below the directory open. A link in {@code /proc/<pid>/fd} gives the path
     * in the mount namespace of the process, where the same directory may be mounted elsewhere; see
     * mount_namespaces(7).
     */
    Observation<Boolean> hasOpenFilesBelow(long pid, Directory directory) {
        IOException failed = null;
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(process(pid).resolve("fd"))) {
            Optional<OtherMounts> mounts = otherMounts(pid);
            for (Path descriptor : descriptors) {
                try {
                    Path target = Files.readSymbolicLink(descriptor);
                    if (isBelow(target, directory)
                            || (mounts.isPresent() && mounts.get().leadsThrough(target, directory))) {
                        return Observation.seen(true);
                    }
                } catch (IOException e) {
                    // The descriptor was closed meanwhile, or is hidden. Another one may still give the answer.
                    failed = e instanceof NoSuchFileException ? failed : e;
                }
            }
            return failed == null ? Observation.seen(false) : failure(failed, pid, "the open files of process " + pid);
        } catch (DirectoryIteratorException e) {
            return failure(Objects.requireNonNull(e.getCause()), pid, "the open files of process " + pid);
        } catch (IOException e) {
            return failure(e, pid, "the open files of process " + pid);
        }
    }

    /** Returns whether this moment may be after the boot, according to the kernel; see {@code btime} in proc(5). */
    boolean mayBeSinceBoot(Instant moment) {
        try (Stream<String> lines = Files.lines(root.resolve("stat"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.matches("btime \\d{1,18}"))
                    .map(line -> Instant.ofEpochSecond(Long.parseLong(line.substring("btime ".length()))))
                    .noneMatch(moment::isBefore);
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }

    /**
     * Returns whether the process has exactly this file open, whatever its name is now.
     *
     * @param key device and inode of the file
     */
    Observation<Boolean> hasOpen(long pid, Object key) {
        try (DirectoryStream<Path> descriptors =
                Files.newDirectoryStream(process(pid).resolve("fd"))) {
            for (Path descriptor : descriptors) {
                if (isFile(descriptor) && key.equals(identityOrNull(descriptor))) {
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

    /** Returns whether the process visibly has a file of this name open. */
    boolean hasOpen(long pid, Path name) {
        try (Stream<Path> descriptors = Files.list(process(pid).resolve("fd"))) {
            return descriptors.anyMatch(descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).equals(name);
                } catch (IOException closed) {
                    return false;
                }
            });
        } catch (IOException | UncheckedIOException goneOrDenied) {
            return false;
        }
    }

    private static boolean isFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).isAbsolute();
        } catch (IOException closed) {
            return false;
        }
    }

    /** Returns the identity of an open file. The kernel's link leads to the file itself in any mount namespace. */
    private static @Nullable Object identityOrNull(Path descriptor) {
        try {
            return Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
        } catch (IOException closed) {
            return null;
        }
    }

    /** Returns the PIDs of all visible processes. */
    List<Long> pids() throws IOException {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("[1-9]\\d{0,9}"))
                    .map(Long::parseLong)
                    .toList();
        }
    }

    /** Returns all visible processes by their PIDs. */
    Map<Long, ProcStat> processes() throws IOException {
        Map<Long, ProcStat> processes = new HashMap<>();
        for (long pid : pids()) {
            stat(pid).toOptional().ifPresent(stat -> processes.put(pid, stat));
        }
        return processes;
    }

    /** Returns this process's user ID; unknown unless its real, effective, saved and file system IDs are equal. */
    Observation<Integer> ownUid() {
        Optional<String> unusable = unusable();
        return unusable.isPresent()
                ? Observation.unknown(unusable.get())
                : status(ProcessHandle.current().pid())
                        .flatMap(status -> status.user().matches("\\d{1,9}|[1-3]\\d{9}|4[01]\\d{8}")
                                ? Observation.seen((int) Long.parseLong(status.user()))
                                : Observation.unknown("this process runs as several users: " + status.user()));
    }

    /**
     * Returns whether the processes of all users are visible: init belongs to another user and always exists. See
     * hidepid in proc(5).
     */
    boolean showsEverybody() {
        return Files.exists(process(1));
    }

    /**
     * Returns why a process of this PID namespace may be hidden; empty if none is. See hidepid, subset and
     * {@code /proc/self/mountinfo} in proc(5): the last mount on a directory is the visible one.
     */
    Optional<String> mayHide() {
        Optional<String> unusable = unusable();
        if (unusable.isPresent()) {
            return unusable;
        }
        try (Stream<String> mounts =
                Files.lines(root.resolve("self").resolve("mountinfo"), StandardCharsets.ISO_8859_1)) {
            String[] mount = mounts.map(line -> line.split(" "))
                    .filter(fields -> fields.length > MOUNT_POINT && fields[MOUNT_POINT].equals(root.toString()))
                    .reduce((first, second) -> second)
                    .orElse(new String[0]);
            int separator = List.of(mount).indexOf("-");
            if (separator < 0 || mount.length < separator + MOUNT_FIELDS || !mount[separator + 1].equals("proc")) {
                return Optional.of("the mount options of %s cannot be read".formatted(root));
            }
            return Stream.of(mount[mount.length - 1].split(","))
                    .filter(option -> option.startsWith("hidepid=") || option.startsWith("subset="))
                    .filter(option -> !option.matches("hidepid=(0|off)"))
                    .findFirst()
                    .map(option -> "%s may hide processes: it is mounted with %s".formatted(root, option));
        } catch (IOException | UncheckedIOException e) {
            return Optional.of("the mount options of %s cannot be read: %s".formatted(root, reason(e)));
        }
    }

    private Observation<String> read(long pid, String name) {
        try {
            return Observation.seen(Files.readString(process(pid).resolve(name), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return failure(e, pid, name + " of process " + pid);
        }
    }

    /**
     * Returns the meaning of a failed read. If the process ends meanwhile, read(2) returns ESRCH, which arrives as a
     * plain IOException.
     */
    private <T> Observation<T> failure(IOException e, long pid, String subject) {
        return e instanceof NoSuchFileException || Files.notExists(process(pid))
                ? Observation.absent("there is no process %d".formatted(pid))
                : Observation.unknown("%s cannot be read: %s".formatted(subject, reason(e)));
    }

    private Path process(long pid) {
        return root.resolve(Long.toString(pid));
    }

    private static boolean isBelow(Path target, Directory directory) {
        return target.isAbsolute()
                && target.startsWith(directory.path())
                && !target.equals(directory.path())
                && !isOwnFile(target.getName(directory.path().getNameCount()));
    }

    /** The guard's own files show no use of the profile: each launcher has some of them open. */
    private static boolean isOwnFile(Path name) {
        return name.toString().startsWith("RelaunchGuard.");
    }

    /**
     * Returns the mounts of a process unless they are the launcher's own. The launcher's own mounts are not searched:
     * the path suffices, and a dead mount would hang.
     */
    private Optional<OtherMounts> otherMounts(long pid) throws IOException {
        Path theirs = Files.readSymbolicLink(process(pid).resolve("ns/mnt"));
        Path ours = Files.readSymbolicLink(root.resolve("self/ns/mnt"));
        return theirs.equals(ours)
                ? Optional.empty()
                : Optional.of(new OtherMounts(process(pid).resolve("root"), new HashSet<>()));
    }

    /**
     * A directory of this host.
     *
     * @param path its real path in the launcher's mount namespace
     * @param identity device and inode, the same under every mount
     */
    record Directory(Path path, Object identity) {

        /** Resolves a directory. */
        static Directory of(Path directory) throws IOException {
            Path path = directory.toRealPath();
            return new Directory(path, identity(path));
        }

        private static Object identity(Path path) throws IOException {
            return Objects.requireNonNull(
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        }
    }

    /**
     * The mount namespace of another process.
     *
     * @param top the root directory there
     * @param known directories there that are known not to be the wanted one
     */
    private record OtherMounts(Path top, Set<Path> known) {

        /**
         * Returns whether the path of {@code target} leads through the directory. Walks from the top, so that a
         * directory without search permission hides only what is below it.
         */
        boolean leadsThrough(Path target, Directory directory) throws IOException {
            Path parent = top;
            for (int depth = 0; target.isAbsolute() && depth < target.getNameCount(); depth++) {
                if (!known.contains(parent)) {
                    if (Directory.identity(parent).equals(directory.identity())) {
                        return !isOwnFile(target.getName(depth));
                    }
                    known.add(parent);
                }
                parent = parent.resolve(target.getName(depth));
            }
            return false;
        }
    }

    private static String reason(Exception e) {
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
