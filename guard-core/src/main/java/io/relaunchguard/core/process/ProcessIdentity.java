package io.relaunchguard.core.process;

import io.relaunchguard.core.Observation;

/**
 * Which process this is, and what may be known of it from outside.
 *
 * @param pid its id in the launcher's pid namespace
 * @param start the operating system's own raw start token; with {@code pid} it names a process uniquely within a boot.
 *     On Linux field 22 of {@code /proc/<pid>/stat}, in clock ticks since boot.
 * @param state what it was doing when it was read
 * @param user the account it runs as: real, effective and saved id in one where they agree, else all of them
 * @param pidNamespace the identity of its pid namespace
 * @param executable the path of its program, for people to read: never an identity, it may be replaced or deleted
 * @param lineage how it is related to the launcher
 */
public record ProcessIdentity(
        long pid,
        String start,
        ExecutionState state,
        Observation<String> user,
        Observation<String> pidNamespace,
        Observation<String> executable,
        Observation<Lineage> lineage) {}
