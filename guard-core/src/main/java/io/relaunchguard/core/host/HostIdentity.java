package io.relaunchguard.core.host;

import io.relaunchguard.core.Observation;

/**
 * The identity of this host and of the launcher on it.
 *
 * @param pid the launcher's PID
 * @param host the host name, as gethostname(2) returns it: what Chromium writes into its lock
 * @param bootId the ID of the running boot
 * @param machineId the machine ID; {@link Observation.Absent} where the machine has none
 * @param pidNamespace the identity of the launcher's PID namespace
 * @param timeNamespace the identity of the time namespace in which the launcher reads start tokens
 * @param user the account that the launcher runs as
 */
public record HostIdentity(
        long pid,
        Observation<String> host,
        Observation<String> bootId,
        Observation<String> machineId,
        Observation<String> pidNamespace,
        Observation<String> timeNamespace,
        Observation<String> user) {

    /** The initial PID namespace of Linux: {@code PROC_PID_INIT_INO} of the kernel's {@code proc_ns.h}. */
    public static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";

    /**
     * Returns whether the launcher runs in the initial PID namespace, in no container's, so that its PID means the same
     * everywhere.
     */
    public boolean isInInitialPidNamespace() {
        return pidNamespace.is(INITIAL_PID_NAMESPACE);
    }
}
