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
     * A process of another pid namespace, among those that can be seen, that is known <em>there</em> by this id and may be
     * using the profile. The number in a lock is the writer's own, so a pid that is free here may still be alive in a
     * container. What it does not find shows something only to an observer that {@linkplain #seesEverybody sees everybody}.
     */
    Observation<ProcessIdentity> namesakeInOtherNamespace(long pid);

    /**
     * Whether a process that can be seen nowhere provably does not exist: this observer's table has every process of every pid
     * namespace, and hides none. {@link Observation.Unknown} with the reason if that is not so.
     */
    Observation<String> seesEverybody();

    /** Whether the process has files of the profile open. */
    Observation<Boolean> usesProfile(long pid);

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
