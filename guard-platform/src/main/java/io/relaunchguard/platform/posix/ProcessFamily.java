package io.relaunchguard.platform.posix;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.Lineage;
import io.relaunchguard.core.process.PinnedProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/** The descent of processes, by the parents that the kernel reports. */
public final class ProcessFamily {

    /** A bound on the length of a chain of parents: a longer one is changing while it is read. */
    private static final int LONGEST_LINE = 4096;

    private final Parents parents;

    /** Creates the family of all processes. */
    public ProcessFamily(Parents parents) {
        this.parents = parents;
    }

    /**
     * A process among its relatives.
     *
     * @param token what distinguishes it from any other process with the same PID
     */
    public record Member(long pid, long parent, String token) {}

    /** The source of the parents. */
    public interface Parents {

        /** Reads one process. */
        Observation<Member> member(long pid);

        /**
         * Returns all visible processes by their PIDs.
         *
         * @throws IOException if the processes cannot be listed
         */
        Map<Long, Member> members() throws IOException;
    }

    /** Returns how a process is related to the launcher. */
    public Observation<Lineage> lineageOf(long pid, long parent) {
        long self = ProcessHandle.current().pid();
        if (pid == self) {
            return Observation.seen(Lineage.SELF);
        }
        Observation<Boolean> descendant = lineHas(parent, self);
        if (descendant.is(true)) {
            return Observation.seen(Lineage.DESCENDANT);
        }
        return descendant.flatMap(no -> parents.member(self)
                .flatMap(own -> lineHas(own.parent(), pid))
                .map(ancestor -> ancestor ? Lineage.ANCESTOR : Lineage.UNRELATED));
    }

    /**
     * Returns handles of the descendants of a process that are outside the launcher's own line and meet the condition
     * both before and after pinning.
     *
     * @param pinning opens a process handle
     */
    public List<PinnedProcess> descendantsOf(
            PinnedProcess ancestor, LongPredicate condition, LongFunction<Observation<PosixPinnedProcess>> pinning)
            throws IOException {
        List<PinnedProcess> found = new ArrayList<>();
        Map<Long, Member> all = parents.members();
        if (ancestor.hasExited()) {
            // Another process may have got its PID by then, and be the parent that was read.
            return found;
        }
        long self = ProcessHandle.current().pid();
        if (!all.containsKey(self)) {
            throw new IOException("this process cannot be read, and so its parents are not known");
        }
        for (Member process : all.values()) {
            long pid = process.pid();
            boolean candidate = pid != ancestor.pid()
                    && descends(pid, ancestor.pid(), all)
                    && !descends(pid, self, all)
                    && !descends(self, pid, all)
                    && condition.test(pid);
            if (candidate) {
                pinIfStill(process, condition, pinning).ifPresent(found::add);
            }
        }
        return found;
    }

    /** Opens a handle and then verifies the process: another one may have got the PID meanwhile. */
    private Optional<PinnedProcess> pinIfStill(
            Member process, LongPredicate condition, LongFunction<Observation<PosixPinnedProcess>> pinning) {
        PosixPinnedProcess pin = pinning.apply(process.pid()).toOptional().orElse(null);
        if (pin == null) {
            return Optional.empty();
        }
        boolean same =
                pin.whileAlive(parents.member(process.pid()).map(Member::token)).is(process.token());
        if (same && condition.test(process.pid()) && !pin.hasExited()) {
            return Optional.of(pin);
        }
        pin.close();
        return Optional.empty();
    }

    /** Returns whether {@code pid} is {@code ancestor} or descends from it. */
    private static boolean descends(long pid, long ancestor, Map<Long, Member> all) {
        long current = pid;
        for (int steps = 0; steps < LONGEST_LINE; steps++) {
            if (current == ancestor) {
                return true;
            }
            Member process = all.get(current);
            if (process == null) {
                return false;
            }
            current = process.parent();
        }
        return false;
    }

    /** Returns whether {@code wanted} is {@code pid} or one of its ancestors. */
    private Observation<Boolean> lineHas(long pid, long wanted) {
        long current = pid;
        for (int steps = 0; steps < LONGEST_LINE; steps++) {
            if (current == wanted) {
                return Observation.seen(true);
            }
            if (current <= 1) {
                return Observation.seen(false);
            }
            Optional<Member> process = parents.member(current).toOptional();
            if (process.isEmpty()) {
                return Observation.unknown("the chain of parent processes changed while it was read");
            }
            current = process.get().parent();
        }
        return Observation.unknown("the chain of parent processes has no end");
    }
}
