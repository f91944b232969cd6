package io.relaunchguard.platform.linux;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.Activity;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The processes of this host, by pidfd and {@code /proc}. */
final class LinuxProcessTable implements ProcessTable {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** No chain of parents is longer; a longer one is a chain that changes while it is read. */
    private static final int LONGEST_LINE = 4096;

    private final Proc proc;
    private final Pidfd kernel;
    private final Path profile;

    LinuxProcessTable(Proc proc, Pidfd kernel, Path profile) {
        this.proc = proc;
        this.kernel = kernel;
        this.profile = profile;
    }

    @Override
    public Observation<PinnedProcess> pin(long pid) {
        return hold(pid).map(pin -> pin);
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
                proc.link(pid, "ns/pid"),
                proc.link(pid, "exe"),
                lineage(stat)));
    }

    /** {@code /proc} may hide other users' processes, see hidepid in proc(5); the kernel's numbers are not hidden. */
    private Observation<ProcessIdentity> missing(long pid, String detail) {
        if (!CacheStatus.canName(pid)) {
            return Observation.absent(detail);
        }
        try {
            kernel.close(kernel.open((int) pid));
            return Observation.unknown("there is a process %d, but /proc does not show it".formatted(pid));
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH || proc.showsEverybody()
                    ? Observation.absent(detail)
                    : Observation.unknown("/proc hides processes, and %d may be one of them: %s"
                            .formatted(pid, kernel.meaning(e.getErrorCode())));
        }
    }

    @Override
    public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
        try {
            Proc.Directory directory = Proc.Directory.of(profile);
            return descendantsOf(
                    ancestor,
                    process -> proc.holdsFilesBelow(process.pid(), directory).is(true));
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
                    process -> session.is(process.session())
                            && proc.stat(process.pid()).map(ProcStat::state).is(ExecutionState.STOPPED));
        } catch (IOException e) {
            throw new UncheckedIOException("the helpers of process %d cannot be listed".formatted(ancestor.pid()), e);
        }
    }

    /** The pinned descendants of a process, outside the launcher's own line, of which this is so before and after the pin. */
    private List<PinnedProcess> descendantsOf(PinnedProcess ancestor, Predicate<ProcStat> condition)
            throws IOException {
        List<PinnedProcess> found = new ArrayList<>();
        if (proc.unusable().isPresent()) {
            return found;
        }
        Map<Long, ProcStat> all = proc.processes();
        if (ancestor.hasExited()) {
            // Another process may have had its number by then, and be the parent of what was read.
            return found;
        }
        long self = ProcessHandle.current().pid();
        for (ProcStat process : all.values()) {
            long pid = process.pid();
            boolean candidate = pid != ancestor.pid()
                    && descends(pid, ancestor.pid(), all)
                    && !descends(pid, self, all)
                    && !descends(self, pid, all)
                    && condition.test(process);
            if (candidate) {
                pinIfStill(process, condition).ifPresent(found::add);
            }
        }
        return found;
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
                    Observation<Boolean> uses = proc.holdsFilesBelow(candidate, directory);
                    if (uses instanceof Observation.Unknown) {
                        return Observation.unknown(uses.shortfall());
                    }
                    if (uses.is(true)) {
                        return look(candidate);
                    }
                }
            }
            return Observation.absent("no process of another pid namespace has pid %d there".formatted(pid));
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
        return proc.stat(pid).flatMap(stat -> proc.bytesWritten(pid).map(bytes -> new Activity(cpuTime(stat), bytes)));
    }

    private Observation<LinuxPinnedProcess> hold(long pid) {
        if (!CacheStatus.canName(pid)) {
            return Observation.unknown("%d is not the id of a process that may be pinned".formatted(pid));
        }
        try {
            return Observation.seen(new LinuxPinnedProcess(pid, kernel.open((int) pid), kernel, this));
        } catch (LastErrorException e) {
            return e.getErrorCode() == LibC.ESRCH
                    ? Observation.absent("there is no process %d".formatted(pid))
                    : Observation.unknown(
                            "process %d cannot be pinned: %s".formatted(pid, kernel.meaning(e.getErrorCode())));
        }
    }

    /** Pinned, and then found to be what it was taken for: another process may have got the number meanwhile. */
    private Optional<PinnedProcess> pinIfStill(ProcStat process, Predicate<ProcStat> condition) {
        LinuxPinnedProcess pin = hold(process.pid()).toOptional().orElse(null);
        if (pin == null) {
            return Optional.empty();
        }
        boolean same =
                pin.whileAlive(proc.stat(process.pid()).map(ProcStat::start)).is(process.start());
        if (same && condition.test(process) && !pin.hasExited()) {
            return Optional.of(pin);
        }
        pin.close();
        return Optional.empty();
    }

    /** Whether {@code pid} is {@code ancestor} or descends from it. */
    private static boolean descends(long pid, long ancestor, Map<Long, ProcStat> all) {
        long current = pid;
        for (int steps = 0; steps < LONGEST_LINE; steps++) {
            if (current == ancestor) {
                return true;
            }
            ProcStat process = all.get(current);
            if (process == null) {
                return false;
            }
            current = process.parent();
        }
        return false;
    }

    private Observation<Lineage> lineage(ProcStat process) {
        long self = ProcessHandle.current().pid();
        if (process.pid() == self) {
            return Observation.seen(Lineage.SELF);
        }
        Observation<Boolean> descendant = lineHas(process.parent(), self);
        if (descendant.is(true)) {
            return Observation.seen(Lineage.DESCENDANT);
        }
        return descendant.flatMap(no -> proc.stat(self)
                .flatMap(own -> lineHas(own.parent(), process.pid()))
                .map(ancestor -> ancestor ? Lineage.ANCESTOR : Lineage.UNRELATED));
    }

    /** Whether {@code wanted} is {@code pid} or one of its parents. */
    private Observation<Boolean> lineHas(long pid, long wanted) {
        long current = pid;
        for (int steps = 0; steps < LONGEST_LINE; steps++) {
            if (current == wanted) {
                return Observation.seen(true);
            }
            if (current <= 1) {
                return Observation.seen(false);
            }
            Optional<ProcStat> stat = proc.stat(current).toOptional();
            if (stat.isEmpty()) {
                return Observation.unknown("the line of parents changed while it was read");
            }
            current = stat.get().parent();
        }
        return Observation.unknown("the line of parents has no end");
    }

    private static Duration cpuTime(ProcStat stat) {
        long ticksPerSecond = LibC.get().sysconf(LibC.SC_CLK_TCK).longValue();
        return Duration.ofNanos(stat.ticks() * (NANOS_PER_SECOND / ticksPerSecond));
    }
}
