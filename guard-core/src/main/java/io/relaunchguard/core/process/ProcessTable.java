package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;
import java.nio.file.Path;
import java.util.List;

/** The port to the processes of this host. */
public interface ProcessTable {

    /**
     * Holds the process with this id fast. {@link Observation.Absent} if there is none; {@link Observation.Unknown} where
     * the operating system cannot pin, or refuses to: then nothing may be signalled.
     */
    Observation<PinnedProcess> pin(long pid);

    /** Looks at a process without pinning it: for reports, and to tell the dead from the living. Never for signals. */
    Observation<ProcessIdentity> look(long pid);

    /**
     * Processes that descend from {@code ancestor}, are not the launcher's own line, and hold files open below the
     * profile: pinned, so that their exit can be awaited. Those that cannot be examined are left out.
     */
    List<PinnedProcess> helpersOf(PinnedProcess ancestor);

    /**
     * A process of another pid namespace that is known <em>there</em> by this id and may be using the profile. The number
     * in a lock is the writer's own, so a pid that is free here may still be alive in a container.
     */
    Observation<ProcessIdentity> namesakeInOtherNamespace(long pid);

    /**
     * Processes that descend from {@code ancestor}, share its session, are not the launcher's own line, and are stopped now:
     * pinned, so that they can be resumed. A process that was stopped by its user's shell has a session of its own.
     */
    List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor);

    /**
     * The id of the process that listens on a Unix domain socket, by the kernel's word. Connects to it, and sends nothing.
     * {@link Observation.Unknown} where the operating system is not asked.
     */
    default Observation<Long> listener(Path socket) {
        return Observation.unknown("it is not asked here who listens on " + socket);
    }
}
