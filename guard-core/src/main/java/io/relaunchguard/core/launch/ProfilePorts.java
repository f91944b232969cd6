package io.relaunchguard.core.launch;

import io.relaunchguard.core.consent.MarkerStore;
import io.relaunchguard.core.host.HostPort;
import io.relaunchguard.core.lock.LockStore;
import io.relaunchguard.core.process.ProcessTable;

/** Everything outside the program that a launch on one profile touches. */
public record ProfilePorts(
        HostPort host,
        ProcessTable processes,
        LockStore lock,
        MarkerStore markers,
        LaunchLock launchLock,
        LaunchClock clock) {}
