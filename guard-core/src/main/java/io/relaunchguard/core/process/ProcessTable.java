package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The port to the processes of this host. */
public interface ProcessTable {

    /**
     * Opens a process handle. {@link Observation.Absent} if there is no process with this PID;
     * {@link Observation.Unknown} if the operating system cannot open a handle or refuses to, in which case nothing may
     * be signalled.
     */
    Observation<PinnedProcess> pin(long pid);

    /**
     * Examines a process without a handle, for reports and to distinguish dead from live processes. Never use the
     * result for signals.
     */
    Observation<ProcessIdentity> look(long pid);

    /**
     * Returns handles of the processes that descend from {@code ancestor}, are not in the launcher's own line, and have
     * files below the profile open, so that their exit can be awaited. Leaves out processes that cannot be examined.
     */
    List<PinnedProcess> helpersOf(PinnedProcess ancestor);

    /**
     * Finds a visible process of another PID namespace that has this PID <em>there</em> and may be using the profile.
     * The PID in a lock belongs to the writer's namespace, so a PID that is free here may still be alive in a
     * container. That none is found proves something only if the observer
     * {@linkplain #seesEverybody sees every process}.
     */
    Observation<ProcessIdentity> namesakeInOtherNamespace(long pid);

    /**
     * Returns whether an invisible process provably does not exist: this observer's table contains every process of
     * every PID namespace and hides none. {@link Observation.Unknown} with the reason if that is not so.
     */
    Observation<String> seesEverybody();

    /** Returns whether the process has files of the profile open, other than the guard's own. */
    Observation<Boolean> usesProfile(long pid);

    /** Returns the raw start tokens of the visible processes by their PIDs, without this process. */
    Map<Long, String> others();

    /**
     * Returns handles of the processes that descend from {@code ancestor}, share its session, are not in the launcher's
     * own line, and are stopped now, so that they can be resumed. A process that the user stopped in a shell is in a
     * session of its own.
     */
    List<PinnedProcess> stoppedHelpersOf(PinnedProcess ancestor);

    /**
     * Returns the PID of the process that listens on a Unix domain socket, as reported by the kernel. Connects to the
     * socket and sends nothing. {@link Observation.Unknown} where the operating system cannot be queried.
     */
    default Observation<Long> listener(Path socket) {
        return Observation.unknown("it is not asked here who listens on " + socket);
    }
}
