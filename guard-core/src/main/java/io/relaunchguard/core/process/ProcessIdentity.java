package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;

/**
 * The identity of a process, and what is observable from outside.
 *
 * @param pid the PID in the launcher's PID namespace
 * @param start the operating system's raw start token; together with {@code pid} it identifies a process within one
 *     boot. On Linux, field 22 of {@code /proc/<pid>/stat}, in clock ticks since boot.
 * @param state what the process was doing when it was read
 * @param user the account that the process runs as: one value if the real, effective and saved IDs are equal, else all
 * @param pidNamespace the identity of the PID namespace of the process
 * @param executable the path of the program, for display only: it is no identity, because it may be replaced or deleted
 * @param lineage how the process is related to the launcher
 */
public record ProcessIdentity(
        long pid,
        String start,
        ExecutionState state,
        Observation<String> user,
        Observation<String> pidNamespace,
        Observation<String> executable,
        Observation<Lineage> lineage) {}
