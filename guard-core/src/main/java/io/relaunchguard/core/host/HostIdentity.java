package io.relaunchguard.core.host;

import io.relaunchguard.core.Observation;

/**
 * This host and the launcher on it.
 *
 * @param pid the launcher's own process id
 * @param host the host's name, as gethostname(2) gives it: what Chromium writes into its lock
 * @param bootId the id of the running boot
 * @param machineId the machine's own id; {@link Observation.Absent} where the machine has none
 * @param pidNamespace the identity of the launcher's pid namespace
 * @param timeNamespace the identity of the time namespace in which the launcher reads start tokens
 * @param user the account the launcher runs as
 */
public record HostIdentity(
        long pid,
        Observation<String> host,
        Observation<String> bootId,
        Observation<String> machineId,
        Observation<String> pidNamespace,
        Observation<String> timeNamespace,
        Observation<String> user) {

    /** The pid namespace in which Linux starts: {@code PROC_PID_INIT_INO} of the kernel's {@code proc_ns.h}. */
    public static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";

    /** Whether the launcher is in no container's pid namespace, and its number means the same to everybody. */
    public boolean isInInitialPidNamespace() {
        return pidNamespace.is(INITIAL_PID_NAMESPACE);
    }
}
