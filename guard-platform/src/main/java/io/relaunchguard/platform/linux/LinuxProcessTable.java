package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.platform.posix.PosixPinnedProcess;
import io.relaunchguard.platform.posix.ProcessFamily;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;

/** The processes of this host, through pidfds and {@code /proc}. */
final class LinuxProcessTable implements ProcessTable {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Proc proc;
    private final Pidfd kernel;
    private final Path profile;
    private final ProcessFamily family = new ProcessFamily(new Parents());

    LinuxProcessTable(Proc proc, Pidfd kernel, Path profile) {
        this.proc = proc;
        this.kernel = kernel;
        this.profile = profile;
    }

    @Override
    public Observation<PinnedProcess> pin(long pid) {
        return open(pid).map(pin -> pin);
    }

    @Override
    public Observation<Long> listener(Path socket) {
        return Listener.on(socket);
    }

    @Override
    public Observation<ProcessIdentity> look(long pid) {
        Optional<String> unusable = proc.unusable();
        if (unusable.isPresent()) {
            return Observation.unknown(unusable.get());
        }
        Observation<ProcStatus> status = proc.status(pid);
        if (status instanceof Observation.Seen<ProcStatus> seen && seen.value().group() != pid) {
            return Observation.absent(
                    "%d is a thread of process %d".formatted(pid, seen.value().group()));
        }
        Observation<ProcStat> found = proc.stat(pid);
        if (found instanceof Observation.Absent) {
            return missing(pid, found.shortfall());
        }
        return found.map(stat -> new ProcessIdentity(
                pid,
                stat.start(),
                stat.state(),
                status.map(ProcStatus::user),
                namespace(pid, status),
                proc.link(pid, "exe"),
                family.lineageOf(pid, stat.parent())));
    }

    /**
     * Returns the PID namespace of a process. The link is inaccessible for a process that is not dumpable, see
     * prctl(2); a process that has only one PID is in the reader's namespace.
     */
    private Observation<String> namespace(long pid, Observation<ProcStatus> status) {
        Observation<String> link = proc.link(pid, "ns/pid");
        return link instanceof Observation.Unknown
                        && status.map(known -> known.namespacePids().size()).is(1)
                ? proc.link(ProcessHandle.current().pid(), "ns/pid")
                : link;
    }

    /**
     * Returns the result for a process that is missing in {@code /proc}. {@code /proc} may hide other users' processes,
     * see hidepid in proc(5), but pidfd_open(2) finds them by PID.
     */
    private Observation<ProcessIdentity> missing(long pid, String detail) {
        if (!CacheStatus.canName(pid) || proc.mayHide().isEmpty()) {
            return Observation.absent(detail);
        }
        try {
            kernel.close(kernel.open((int) pid));
            return Observation.unknown("process %d exists, but /proc does not show it".formatted(pid));
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH || proc.showsEverybody()
                    ? Observation.absent(detail)
                    : Observation.unknown("/proc hides processes, and %d may be one of them: %s"
                            .formatted(pid, kernel.meaning(e.getErrorCode())));
        } catch (LinkageError e) {
            return Observation.unknown(
                    "/proc hides processes, and %d may be one of them: %s".formatted(pid, LibC.missing(e)));
        }
    }

    @Override
    public Observation<String> seesEverybody() {
        Optional<String> hidden = proc.mayHide();
        if (hidden.isPresent()) {
            return Observation.unknown(hidden.get());
        }
        return proc.link(ProcessHandle.current().pid(), "ns/pid")
                .flatMap(namespace -> namespace.equals(HostIdentity.INITIAL_PID_NAMESPACE)
                        ? Observation.seen(
                                "this launcher is in the initial PID namespace, and nothing is hidden from it")
                        : Observation.unknown(
                                "this launcher is in a PID namespace of its own, such as a sandbox's, and a"
                                        + " process of another one that uses the profile cannot be seen from there"));
    }

    @Override
    public Observation<Boolean> usesProfile(long pid) {
        try {
            return proc.hasOpenFilesBelow(pid, Proc.Directory.of(profile));
        } catch (IOException e) {
            return Observation.unknown(
                    "the open files of process %d cannot be listed: %s".formatted(pid, e.getMessage()));
        }
    }

    @Override
    public Map<Long, String> others() {
        try {
            Map<Long, String> others = new HashMap<>();
            proc.processes().forEach((pid, stat) -> others.put(pid, stat.start()));
            others.remove(ProcessHandle.current().pid());
            return others;
        } catch (IOException e) {
            throw new UncheckedIOException("the processes cannot be listed", e);
        }
    }

    @Override
    public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
        try {
            Proc.Directory directory = Proc.Directory.of(profile);
            return descendantsOf(
                    ancestor, pid -> proc.hasOpenFilesBelow(pid, directory).is(true));
        } catch (IOException e) {
            throw new UncheckedIOException("the helpers of process %d cannot be listed".formatted(ancestor.pid()), e);
        }
    }

    @Override
    public List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor) {
        Observation<Long> session = proc.stat(ancestor.pid()).map(ProcStat::session);
        try {
            return descendantsOf(
                    ancestor,
                    pid -> proc.stat(pid).map(ProcStat::state).is(ExecutionState.STOPPED)
                            && session instanceof Observation.Seen
                            && proc.stat(pid).map(ProcStat::session).equals(session));
        } catch (IOException e) {
            throw new UncheckedIOException("the helpers of process %d cannot be listed".formatted(ancestor.pid()), e);
        }
    }

    private List<PinnedProcess> descendantsOf(PinnedProcess ancestor, LongPredicate condition) throws IOException {
        return proc.unusable().isPresent() ? List.of() : family.descendantsOf(ancestor, condition, this::open);
    }

    @Override
    public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
        Optional<String> unusable = proc.unusable();
        if (unusable.isPresent()) {
            return Observation.unknown(unusable.get());
        }
        try {
            Proc.Directory directory = Proc.Directory.of(profile);
            for (long candidate : proc.pids()) {
                if (isNamesake(candidate, pid)) {
                    Observation<Boolean> uses = proc.hasOpenFilesBelow(candidate, directory);
                    if (uses instanceof Observation.Unknown) {
                        return Observation.unknown(uses.shortfall());
                    }
                    if (uses.is(true)) {
                        return look(candidate);
                    }
                }
            }
            return Observation.absent("no process of another PID namespace has PID %d there".formatted(pid));
        } catch (IOException e) {
            return Observation.unknown("the processes cannot be listed: " + e.getMessage());
        }
    }

    private boolean isNamesake(long candidate, long pid) {
        List<Long> pids = proc.status(candidate)
                .toOptional()
                .map(ProcStatus::namespacePids)
                .orElse(List.of());
        return pids.size() > 1
                && pids.get(pids.size() - 1) == pid
                && !proc.stat(candidate).map(ProcStat::state).is(ExecutionState.EXITED);
    }

    Observation<Activity> activity(long pid) {
        return proc.stat(pid).flatMap(stat -> proc.activity(pid, cpuTime(stat)));
    }

    private Observation<PosixPinnedProcess> open(long pid) {
        if (!CacheStatus.canName(pid)) {
            return Observation.unknown("%d is not the id of a process that may be pinned".formatted(pid));
        }
        if (proc.stat(pid) instanceof Observation.Absent && proc.mayHide().isEmpty()) {
            // This case needs no native library.
            return Observation.absent("there is no process %d".formatted(pid));
        }
        try {
            return Observation.seen(new PosixPinnedProcess(
                    pid, new PidfdHandle(pid, kernel.open((int) pid), kernel), this::look, this::activity));
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH
                    ? Observation.absent("there is no process %d".formatted(pid))
                    : Observation.unknown(
                            "process %d cannot be pinned: %s".formatted(pid, kernel.meaning(e.getErrorCode())));
        } catch (LinkageError e) {
            return Observation.unknown("process %d cannot be pinned: %s".formatted(pid, LibC.missing(e)));
        }
    }

    /** The parents of processes according to {@code /proc}. */
    private final class Parents implements ProcessFamily.Parents {

        @Override
        public Observation<ProcessFamily.Member> member(long pid) {
            return proc.stat(pid).map(Parents::member);
        }

        @Override
        public Map<Long, ProcessFamily.Member> members() throws IOException {
            Map<Long, ProcessFamily.Member> members = new HashMap<>();
            proc.processes().forEach((pid, stat) -> members.put(pid, member(stat)));
            return members;
        }

        private static ProcessFamily.Member member(ProcStat stat) {
            return new ProcessFamily.Member(stat.pid(), stat.parent(), stat.start());
        }
    }

    private static Duration cpuTime(ProcStat stat) {
        long ticksPerSecond = LibC.get().sysconf(LibC.SC_CLK_TCK).longValue();
        return Duration.ofNanos(stat.ticks() * (NANOS_PER_SECOND / ticksPerSecond));
    }
}
