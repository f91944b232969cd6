package io.relaunchguard.platform.windows;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The processes of this host, through handles and the kernel's own list. */
final class WindowsProcessTable implements ProcessTable {

    /** The PID namespace: Windows has none, and PIDs are unique on the machine. */
    static final String NAMESPACE = "windows";

    private static final Duration ONE_HELPER = Duration.ofMillis(500);

    /** The timeout for all helpers together: the launch waits for this, and a holder may have dozens of helpers. */
    private static final Duration ALL_HELPERS = Duration.ofSeconds(3);

    private final Path profile;
    private final Duration firstLook;

    WindowsProcessTable(Path profile) {
        this(profile, ONE_HELPER);
    }

    /** Creates a table whose first look at each helper has its own timeout. */
    WindowsProcessTable(Path profile, Duration firstLook) {
        this.profile = profile;
        this.firstLook = firstLook;
    }

    @Override
    public Observation<PinnedProcess> pin(long pid) {
        return OpenProcess.open(pid, OpenProcess.PIN).map(process -> new WindowsPinnedProcess(process, this));
    }

    @Override
    public Observation<ProcessIdentity> look(long pid) {
        Observation<OpenProcess> opened = OpenProcess.open(pid, OpenProcess.LOOK);
        return opened.flatMap(process -> {
            try (process) {
                return identify(process);
            }
        });
    }

    Observation<ProcessIdentity> identify(OpenProcess process) {
        long self = ProcessHandle.current().pid();
        Observation<ProcessSnapshot> all = SystemInformation.processes();
        Observation<ProcessSnapshot.Entry> entry = all.flatMap(list -> list.find(process.pid(), process.created()));
        Observation<Lineage> lineage = all.flatMap(list -> entry.flatMap(found -> list.lineage(found, self)));
        boolean suspended =
                entry.toOptional().map(ProcessSnapshot.Entry::suspended).orElse(false);
        ExecutionState running = suspended ? ExecutionState.STOPPED : ExecutionState.RUNNING;
        return Observation.seen(new ProcessIdentity(
                process.pid(),
                Long.toString(process.created()),
                process.hasExited() ? ExecutionState.EXITED : running,
                process.user(),
                Observation.seen(NAMESPACE),
                process.executable(),
                lineage));
    }

    @Override
    public Map<Long, String> others() {
        Map<Long, String> others = new HashMap<>();
        SystemInformation.processes()
                .toOptional()
                .ifPresent(all ->
                        all.processes().forEach((pid, entry) -> others.put(pid, Long.toString(entry.created()))));
        others.remove(ProcessHandle.current().pid());
        return others;
    }

    @Override
    public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
        List<PinnedProcess> found = new ArrayList<>();
        ProcessSnapshot all = SystemInformation.processes().toOptional().orElse(null);
        if (all == null || !(ancestor instanceof WindowsPinnedProcess pinned) || ancestor.hasExited()) {
            return found;
        }
        OpenProcess holder = pinned.process();
        List<ProcessSnapshot.Entry> candidates = all.find(holder.pid(), holder.created())
                .map(entry -> all.helpersOf(entry, ProcessHandle.current().pid()))
                .toOptional()
                .orElse(List.of());
        long begin = System.nanoTime();
        List<ProcessSnapshot.Entry> unanswered = pinHelpers(candidates, firstLook, begin, found);
        pinHelpers(unanswered, ALL_HELPERS, begin, found);
        return found;
    }

    /** Pins the helpers among the candidates, and returns the candidates that did not answer in time. */
    private List<ProcessSnapshot.Entry> pinHelpers(
            List<ProcessSnapshot.Entry> candidates, Duration each, long begin, List<PinnedProcess> found) {
        List<ProcessSnapshot.Entry> unanswered = new ArrayList<>();
        for (ProcessSnapshot.Entry candidate : candidates) {
            Duration left = ALL_HELPERS.minusNanos(System.nanoTime() - begin);
            if (left.isNegative()) {
                break;
            }
            Observation<PinnedProcess> helper = pinIfHelper(candidate, left.compareTo(each) < 0 ? left : each);
            helper.toOptional().ifPresent(found::add);
            if (helper instanceof Observation.Unknown) {
                unanswered.add(candidate);
            }
        }
        return unanswered;
    }

    /** Opens a handle and then verifies the process: another one may have got the PID meanwhile. */
    private Observation<PinnedProcess> pinIfHelper(ProcessSnapshot.Entry candidate, Duration timeout) {
        return OpenProcess.open(candidate.pid(), OpenProcess.PIN).flatMap(process -> {
            Observation<Boolean> uses = process.created() == candidate.created() && !process.hasExited()
                    ? OpenFiles.hasOpenFilesBelow(candidate.pid(), profile, timeout)
                    : Observation.absent("process %d has exited".formatted(candidate.pid()));
            if (uses.is(true)) {
                return Observation.seen(new WindowsPinnedProcess(process, this));
            }
            process.close();
            return uses.flatMap(
                    not -> Observation.absent("process %d has no file of the profile open".formatted(candidate.pid())));
        });
    }

    @Override
    public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
        return Observation.absent("Windows has one PID namespace");
    }

    @Override
    public Observation<String> seesEverybody() {
        return Observation.seen("Windows lists every process to every user");
    }

    @Override
    public Observation<Boolean> usesProfile(long pid) {
        return OpenFiles.hasOpenFilesBelow(pid, profile, ONE_HELPER);
    }

    @Override
    public List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor) {
        return List.of();
    }
}
