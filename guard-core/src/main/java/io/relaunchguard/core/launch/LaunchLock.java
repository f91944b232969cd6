package io.relaunchguard.core.launch;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The port to the lock that lets one launcher at a time work on a profile. The kernel holds it, so that it goes with its
 * owner, however that ends.
 */
public interface LaunchLock {

    /**
     * Asks for the lock and calls {@code reply} once when it is decided: seen when it is ours, unknown when there can be
     * no lock here. While another launcher has it there is no reply. The reply comes on this or another thread.
     *
     * @return ends the waiting; a lock that was already handed over is not touched. Closing it may be what decides: then it
     *     replies why the lock was not had
     */
    Watch request(Consumer<Observation<Hold>> reply);

    /** Whether the lock could be had now; changes nothing on disk. Seen if nobody has it, absent if somebody has. */
    Observation<String> probe();

    /** A file that keeps this user from the lock, and that a person may remove: it is there and cannot be used. */
    Optional<Path> obstacle();

    /** The process that has the lock now, if another one has: by the name that it has left with it, and alive. */
    default Observation<Long> owner() {
        return Observation.unknown("it cannot be told here which process has the launch lock");
    }

    /**
     * The lock for processes that this lock's owner has started, one in its place: whoever gets it has it until it ends, as
     * far as others of them are concerned. Empty where owners are not known.
     */
    default Optional<LaunchLock> inner() {
        return Optional.empty();
    }

    /** The lock, ours until closed. Never throws, may be closed twice. */
    interface Hold extends AutoCloseable {

        @Override
        void close();
    }
}
