package io.relaunchguard.platform.macos;

import com.sun.jna.LastErrorException;
import io.relaunchguard.core.Observation;
import io.relaunchguard.core.lock.CacheStatus;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.PinnedProcess;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.platform.posix.PosixPinnedProcess;
import io.relaunchguard.platform.posix.ProcessFamily;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** The processes of this host, through libproc. */
final class MacosProcessTable implements ProcessTable {

    /** The PID namespace: macOS has none. */
    static final String NAMESPACE = "macos";

    private final Xnu kernel;
    private final ProcessReader reader;
    private final ProcessFamily family;
    private final Path profile;

    MacosProcessTable(Xnu kernel, Path profile) {
        this.kernel = kernel;
        this.reader = new ProcessReader(kernel);
        this.family = new ProcessFamily(new Parents());
        this.profile = profile;
    }

    @Override
    public Observation<PinnedProcess> pin(long pid) {
        return open(pid).map(pin -> pin);
    }

    @Override
    public Observation<ProcessIdentity> look(long pid) {
        if (!CacheStatus.canName(pid)) {
            return Observation.unknown("%d is not the id of a process that may be looked at".formatted(pid));
        }
        return reader.details(pid)
                .map(process -> new ProcessIdentity(
                        process.pid(),
                        process.start(),
                        process.state(),
                        Observation.seen(process.user()),
                        Observation.seen(NAMESPACE),
                        reader.executable(pid),
                        family.lineageOf(pid, process.parent())));
    }

    @Override
    public Map<Long, String> others() {
        try {
            Map<Long, String> others = new HashMap<>();
            for (int pid : kernel.processes()) {
                reader.details(pid).toOptional().ifPresent(process -> others.put(process.pid(), process.start()));
            }
            others.remove(ProcessHandle.current().pid());
            return others;
        } catch (LastErrorException e) {
            throw new UncheckedIOException(unlisted(e));
        }
    }

    private IOException unlisted(LastErrorException e) {
        return new IOException("the processes cannot be listed: " + kernel.meaning(e.getErrorCode()), e);
    }

    @Override
    public List<PinnedProcess> helpersOf(PinnedProcess ancestor) {
        try {
            FoldedPath directory = FoldedPath.of(profile);
            return descendantsOf(
                    ancestor, pid -> reader.hasOpenFilesBelow(pid, directory).is(true));
        } catch (IOException e) {
            throw new UncheckedIOException("the helpers of process %d cannot be listed".formatted(ancestor.pid()), e);
        }
    }

    @Override
    public List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor) {
        Observation<Integer> session = reader.session(ancestor.pid());
        try {
            return descendantsOf(
                    ancestor,
                    pid -> session instanceof Observation.Seen
                            && reader.session(pid).equals(session)
                            && reader.details(pid)
                                    .map(ProcessReader.Details::state)
                                    .is(ExecutionState.STOPPED));
        } catch (IOException e) {
            throw new UncheckedIOException("the helpers of process %d cannot be listed".formatted(ancestor.pid()), e);
        }
    }

    private List<PinnedProcess> descendantsOf(PinnedProcess ancestor, LongPredicate condition) throws IOException {
        return family.descendantsOf(ancestor, condition, this::open);
    }

    @Override
    public Observation<ProcessIdentity> namesakeInOtherNamespace(long pid) {
        return Observation.absent("there are no other PID namespaces");
    }

    @Override
    public Observation<String> seesEverybody() {
        return Observation.seen("macOS shows every process to every user");
    }

    @Override
    public Observation<Boolean> usesProfile(long pid) {
        try {
            return reader.hasOpenFilesBelow(pid, FoldedPath.of(profile));
        } catch (IOException e) {
            return Observation.unknown(
                    "the open files of process %d cannot be listed: %s".formatted(pid, e.getMessage()));
        }
    }

    private Observation<PosixPinnedProcess> open(long pid) {
        return CacheStatus.canName(pid)
                ? AuditTokenHandle.of(pid, reader, kernel)
                        .map(handle -> new PosixPinnedProcess(pid, handle, this::look, reader::activity))
                : Observation.unknown("%d is not the id of a process that may be pinned".formatted(pid));
    }

    /** The parents that the kernel reports to all users. */
    private final class Parents implements ProcessFamily.Parents {

        /**
         * {@inheritDoc}
         *
         * <p>Parent and token come from two calls. They belong together only if the same process had the PID before and
         * after.
         */
        @Override
        public Observation<ProcessFamily.Member> member(long pid) {
            return reader.version(pid)
                    .flatMap(before -> reader.outline(pid)
                            .flatMap(process -> reader.version(pid)
                                    .map(ProcessReader.Version::uniqueId)
                                    .flatMap(after -> after == before.uniqueId()
                                            ? Observation.seen(new ProcessFamily.Member(
                                                    pid, process.parent(), Long.toUnsignedString(after)))
                                            : Observation.unknown(
                                                    "process %d was replaced meanwhile".formatted(pid)))));
        }

        @Override
        public Map<Long, ProcessFamily.Member> members() throws IOException {
            try {
                Map<Long, ProcessFamily.Member> members = new HashMap<>();
                for (int pid : kernel.processes()) {
                    member(pid).toOptional().ifPresent(member -> members.put(member.pid(), member));
                }
                return members;
            } catch (LastErrorException e) {
                throw unlisted(e);
            }
        }
    }
}
