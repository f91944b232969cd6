package io.relaunchguard.platform.linux;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.host.HostIdentity;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.ProcessIdentity;
import io.relaunchguard.core.process.ProcessTable;
import io.relaunchguard.platform.posix.LaunchLockOwners;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The owners of the launch lock according to {@code /proc}. An owner is identified by its PID, its start token, and the
 * boot and the namespaces in which both were read, and it has the file open until it releases the lock. No native
 * library is loaded.
 */
final class LinuxLaunchLockOwners implements LaunchLockOwners {

    private final HostPort host;
    private final ProcessTable processes;
    private final Proc proc;

    LinuxLaunchLockOwners(HostPort host, ProcessTable processes, Proc proc) {
        this.host = host;
        this.processes = processes;
        this.proc = proc;
    }

    @Override
    public String self() {
        HostIdentity here = host.read();
        return processes
                .look(here.pid())
                .toOptional()
                .map(self -> String.join(" ", where(here), self.start(), Long.toString(here.pid())))
                .orElse("");
    }

    @Override
    public Optional<Long> alive(String name, Path file, Object key) {
        return another(name)
                .filter(owner -> mayHaveOpen(owner.pid(), file, key) && !isGone(owner))
                .map(Name::pid);
    }

    @Override
    public Optional<Long> living(String name) {
        return another(name).filter(owner -> !isGone(owner)).map(Name::pid);
    }

    private record Name(long pid, String start) {}

    private Optional<Name> another(String name) {
        List<String> words = List.of(name.split(" ", -1));
        HostIdentity here = host.read();
        if (words.size() != 5
                || !name.startsWith(where(here) + " ")
                || !words.get(4).matches("[1-9]\\d{0,9}")) {
            // The name is malformed, or comes from another boot or namespace, whose processes are invisible from here.
            return Optional.empty();
        }
        return Optional.of(new Name(Long.parseLong(words.get(4)), words.get(3)))
                .filter(owner -> owner.pid() != here.pid());
    }

    private boolean mayHaveOpen(long pid, Path file, Object key) {
        return !proc.hasOpen(pid, key).is(false) || hasDeleted(pid, file);
    }

    /**
     * Returns whether the owner has exited. Call it after {@link #mayHaveOpen}: the open files of a process that ends
     * in between cannot be examined.
     */
    private boolean isGone(Name owner) {
        Observation<ProcessIdentity> seen = processes.look(owner.pid());
        return seen instanceof Observation.Absent
                || seen.map(process -> process.state() == ExecutionState.EXITED
                                || !process.start().equals(owner.start()))
                        .is(true);
    }

    @Override
    public Optional<Long> ofDeleted(Path file) {
        try {
            Path deleted = deleted(file);
            return proc.pids().stream()
                    .filter(pid -> pid != ProcessHandle.current().pid() && proc.hasOpen(pid, deleted))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private boolean hasDeleted(long pid, Path file) {
        try {
            return proc.hasOpen(pid, deleted(file));
        } catch (IOException e) {
            return true;
        }
    }

    /** Returns the name of a deleted file as the kernel shows it, see {@code /proc/PID/fd} in proc(5). */
    private static Path deleted(Path file) throws IOException {
        return Objects.requireNonNull(file.getParent()).toRealPath().resolve(file.getFileName() + " (deleted)");
    }

    private static String where(HostIdentity here) {
        return String.join(
                " ",
                here.bootId().toOptional().orElse("?"),
                here.pidNamespace().toOptional().orElse("?"),
                here.timeNamespace().toOptional().orElse("?"));
    }
}
