package io.relaunchguard.core.launch;

import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.consent.ThreadDumpStore;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.lock.InstanceRecordStore;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.process.ProcessTable;
import java.nio.file.Path;

/**
 * The ports through which a launch on one profile reaches the outside world.
 *
 * @param profile CEF's root cache path
 */
public record ProfilePorts(
        Path profile,
        HostPort host,
        ProcessTable processes,
        LockStore lock,
        InstanceRecordStore instances,
        MarkerStore markers,
        LaunchLock launchLock,
        HistoryStore history,
        ThreadDumpStore threadDumps,
        GuardClock clock) {}
