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
 * {@code /proc}, see proc(5). If it is not the one of the launcher's own pid namespace, as after {@code unshare -p} without
 * a new mount, its numbers mean other processes: then nothing is read from it.
 */
final class Proc {

    /** See mountinfo in proc(5): the fifth field; and after the separator the type, the source and the options. */
    private static final int MOUNT_POINT = 4;

    private static final int MOUNT_FIELDS = 4;

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

    /** What the process has written, of a processor time that is known. */
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

    /**
     * Whether the process holds a file open below the directory. A link in {@code /proc/<pid>/fd} gives the path in the mount
     * namespace of the process, where the same directory may be mounted elsewhere; see mount_namespaces(7).
     */
    Observation<Boolean> holdsFilesBelow(long pid, Directory directory) {
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
                    // Closed meanwhile, or hidden; then one of the others may still tell.
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

    /** Whether this moment may be after the boot, by the kernel's own reckoning; see {@code btime} in proc(5). */
    boolean mayBeSinceBoot(Instant moment) {
        try (Stream<String> lines = Files.lines(root.resolve("stat"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.matches("btime \\d{1,18}"))
                    .map(line -> Instant.ofEpochSecond(Long.parseLong(line.substring("btime ".length()))))
                    .noneMatch(moment::isBefore);
        } catch (IOException | UncheckedIOException e) {
            return true;
        }
    }

    /** Whether the process has this very file open, whatever its name is by now. */
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

    /** Whether the process can be seen to have a file of this name open. */
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

    /** Through the kernel's link, which leads to the file itself in any mount namespace. */
    private static @Nullable Object identityOrNull(Path descriptor) {
        try {
            return Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey();
        } catch (IOException closed) {
            return null;
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

    /**
     * Why a process of its pid namespace may be hidden; empty if none is. See hidepid and subset in proc(5), and
     * {@code /proc/self/mountinfo} there: the last mount on a directory is the one that is seen.
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
                return Optional.of("how %s is mounted cannot be told".formatted(root));
            }
            return Stream.of(mount[mount.length - 1].split(","))
                    .filter(option -> option.startsWith("hidepid=") || option.startsWith("subset="))
                    .filter(option -> !option.matches("hidepid=(0|off)"))
                    .findFirst()
                    .map(option -> "%s may hide processes: it is mounted with %s".formatted(root, option));
        } catch (IOException | UncheckedIOException e) {
            return Optional.of("how %s is mounted cannot be told: %s".formatted(root, reason(e)));
        }
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

    private static boolean isBelow(Path target, Directory directory) {
        return target.isAbsolute() && target.startsWith(directory.path()) && !target.equals(directory.path());
    }

    /** The mounts of a process, if they are not ours. Ours are not searched: the path tells, and a dead mount would hang. */
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

        /** Looks it up. */
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
     * @param known directories there that are not the one looked for
     */
    private record OtherMounts(Path top, Set<Path> known) {

        /** From the top, so that what may not be searched hides only what is below it. */
        boolean leadsThrough(Path target, Directory directory) throws IOException {
            Path parent = top;
            for (int depth = 0; target.isAbsolute() && depth < target.getNameCount(); depth++) {
                if (!known.contains(parent)) {
                    if (Directory.identity(parent).equals(directory.identity())) {
                        return true;
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
