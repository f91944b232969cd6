package io.relaunchguard.core.lock;

import java.time.Instant;

/**
 * Which process made a lock, written down by the launcher that let it through. {@code docs/instance-record.md} describes the
 * file. It is never consent to anything: it can only show that a lock's maker is gone.
 *
 * @param lock what the lock says
 * @param lockedSince when that very lock was made, see {@link LockStore#since()}; a later lock that says the same has another
 * @param start the raw start token of the process that made it
 * @param bootId the boot it runs in
 * @param machineId the machine's own id; empty where the machine has none
 * @param pidNamespace the identity of its pid namespace
 * @param user the account it runs as
 * @param profile the identity of the profile directory, so that a record in a copy of it shows nothing
 * @param lifeLock the kernel lock that the process itself keeps until it ends; empty if it keeps none
 */
public record InstanceRecord(
        SingletonLock lock,
        Instant lockedSince,
        String start,
        String bootId,
        String machineId,
        String pidNamespace,
        String user,
        String profile,
        String lifeLock) {}
