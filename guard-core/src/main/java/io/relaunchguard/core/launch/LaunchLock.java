package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The port to the launch lock, which lets one launcher at a time work on a profile. It is a kernel lock, so the kernel
 * releases it when its owner ends, for whatever reason.
 */
public interface LaunchLock {

    /**
     * Requests the lock and calls {@code reply} once with the decision, on this thread or another: seen if this
     * launcher has the lock, unknown if there can be no lock here. While another launcher has the lock, there is no
     * reply.
     *
     * @return the pending request; closing it ends the wait and does not affect a lock that was already handed over. If
     *     closing decides the request, the reply says why the lock was not obtained
     */
    Watch request(Consumer<Observation<Hold>> reply);

    /** Returns whether the lock is free now, and changes nothing on disk: seen if it is, absent if a process has it. */
    Observation<String> probe();

    /** Returns a file that keeps this user from the lock and that a user may remove: it exists and cannot be used. */
    Optional<Path> obstacle();

    /**
     * Returns the PID of the other process that has the lock, if it is alive. The owner itself has left that name with
     * the lock.
     */
    default Observation<Long> owner() {
        return Observation.unknown("the guard cannot tell here which process has the launch lock");
    }

    /**
     * Returns the lock for the descendants of this lock's owner, which replaces the lock for them: the one that gets it
     * keeps it until it ends, as far as the other descendants are concerned. Empty where owners are unknown.
     */
    default Optional<LaunchLock> inner() {
        return Optional.empty();
    }

    /** The lock in this launcher's possession until it is closed. {@code close} is idempotent and never throws. */
    interface Hold extends AutoCloseable {

        @Override
        void close();
    }
}
